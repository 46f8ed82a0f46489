using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http;

[Record("kernel.recipient", Tenet.Kernel.DataMaps.Purpose.Accountability, Keep = RecipientLedger.Rule)]
internal sealed record RecipientRow
{
    [Operational]
    public required string Purpose { get; init; }

    [Operational]
    public required string Host { get; init; }

    /// <summary>The version of TLS; empty when there was none.</summary>
    [Operational]
    public required string Tls { get; init; }

    [Operational]
    public DateTimeOffset FirstAt { get; init; }

    [Operational]
    public DateTimeOffset LastAt { get; init; }
}

/// <summary>Whom outside the nodes of this installation have sent something, kept over their ends.</summary>
public sealed partial class RecipientLedger(SystemScope system, Egress egress, TimeProvider time, ILogger<RecipientLedger> logger)
    : BackgroundService
{
    internal const string Rule = "kernel.recipients";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private DateTimeOffset _written;

    /// <summary>Everybody whom any node called, by what is kept and what this node knows beyond it.</summary>
    public async Task<IReadOnlyList<(OutgoingCall Call, DateTimeOffset At)>> ReadAsync(CancellationToken ct)
    {
        var kept = await system.RunAsync(
            s =>
                s.ListAsync(
                    $"select purpose, host, tls, last_at from kernel.recipient",
                    row => (new OutgoingCall(row.GetString(0), row.GetString(1), row.GetString(2)), row.GetFieldValue<DateTimeOffset>(3)),
                    ct
                ),
            ct
        );
        return [.. kept, .. egress.Calls.Select(call => (call, call.At))];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            await ((Task)timer.WaitForNextTickAsync(stoppingToken).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                // A node that stops writes what it still knows.
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                await WriteAsync(limit.Token);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or OperationCanceledException)
            {
                LogFailed(e.GetType().Name);
            }
        }
    }

    internal async Task WriteAsync(CancellationToken ct)
    {
        var calls = egress.Calls.Where(call => call.At > _written).ToList();
        if (calls.Count == 0)
        {
            return;
        }
        await system.RunAsync(
            s =>
                s.ExecuteAsync(
                    $"""
                    insert into kernel.recipient as r (purpose, host, tls, first_at, last_at)
                    select * from unnest({calls.Select(call => call.Purpose).ToArray()}, {calls
                        .Select(call => call.Host)
                        .ToArray()}, {calls.Select(call => call.Tls).ToArray()}, {calls.Select(call => call.At).ToArray()}, {calls
                        .Select(call => call.At)
                        .ToArray()})
                    on conflict (purpose, host, tls) do update set last_at = greatest(r.last_at, excluded.last_at)
                    """,
                    ct
                ),
            ct
        );
        _written = calls.Max(call => call.At);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Whom Tenet has called could not be written down now ({Error}); trying again")]
    private partial void LogFailed(string error);
}
