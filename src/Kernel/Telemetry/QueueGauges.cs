using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Telemetry;

/// <summary>How much work waits in the database, counted now and then while somebody collects metrics.</summary>
internal sealed class QueueGauges : BackgroundService
{
    // Counting stops here: whoever has more waiting knows enough.
    private const int Most = 100_000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private readonly SystemScope _system;
    private readonly TimeProvider _time;
    private readonly Meter _meter = new(Signals.Name);
    private volatile Counts? _last;

    public QueueGauges(SystemScope system, TimeProvider time)
    {
        (_system, _time) = (system, time);
        Gauge("tenet.jobs.waiting", "{job}", "Jobs that are due and not claimed", counts => counts.Due);
        Gauge("tenet.jobs.running", "{job}", "Jobs claimed by a node", counts => counts.Running);
        Gauge("tenet.jobs.dead", "{job}", "Jobs put aside after their last attempt", counts => counts.Dead);
        Gauge("tenet.jobs.oldest", "s", "For how long the oldest due job has waited", counts => counts.OldestSeconds);
        Gauge("tenet.mails.waiting", "{letter}", "Letters that wait for the relay", counts => counts.Mails);
        Gauge("tenet.mails.dead", "{letter}", "Letters that the relay refused for good", counts => counts.DeadMails);
        Gauge("tenet.audit.due", "{entry}", "Audit entries that wait for their place in the chain", counts => counts.AuditDue);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CountAsync(stoppingToken);
                await Task.Delay(Every, _time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException)
            {
                // No figures are better than old ones; the queue's own worker says that the database is away.
                _last = null;
                await Task.Delay(Every, _time, CancellationToken.None);
            }
        }
    }

    internal async Task CountAsync(CancellationToken ct)
    {
        _last = await _system.RunAsync(
            s =>
                s.FirstOrDefaultAsync(
                    $"""
                    select due.waiting, due.running, (select count(*) from (select from kernel.job where dead_at is not null limit {Sql.Constant(
                        Limit
                    )}) d),
                           due.oldest, mail.waiting, mail.dead, (select count(*) from (select from audit.due limit {Sql.Constant(Limit)}) a)
                      from (select count(*) filter (where lease_until is null) as waiting, count(*) filter (where lease_until > now()) as running,
                                   coalesce(extract(epoch from now() - min(run_at) filter (where lease_until is null)), 0)::float8 as oldest
                              from (select run_at, lease_until from kernel.job where dead_at is null and run_at <= now()
                                     limit {Sql.Constant(Limit)}) j) due,
                           (select count(*) filter (where dead_at is null) as waiting, count(*) filter (where dead_at is not null) as dead
                              from kernel.mail where sent_at is null) mail
                    """,
                    row => new Counts(
                        row.GetInt64(0),
                        row.GetInt64(1),
                        row.GetInt64(2),
                        row.GetDouble(3),
                        row.GetInt64(4),
                        row.GetInt64(5),
                        row.GetInt64(6)
                    ),
                    ct
                ),
            ct
        );
    }

    private static readonly string Limit = Most.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void Gauge(string name, string unit, string says, Func<Counts, double> read) =>
        _meter.CreateObservableGauge(
            name,
            () => _last is { } counts ? [new Measurement<double>(read(counts))] : Array.Empty<Measurement<double>>(),
            unit,
            says
        );

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    private sealed record Counts(long Due, long Running, long Dead, double OldestSeconds, long Mails, long DeadMails, long AuditDue);
}
