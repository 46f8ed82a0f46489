using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Jobs;

/// <summary>
/// Works on the queue: goes round the workspaces that have jobs due, claims several at once, keeps the leases of what runs, and lets it end
/// when the node stops.
/// </summary>
internal sealed partial class JobWorker(
    SystemScope system,
    JobSignal signal,
    IEnumerable<JobKind> kinds,
    JobRunners runners,
    JobOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<JobWorker> logger
) : BackgroundService
{
    private const int WorkspacesAtOnce = 8;
    private const int MostOfOne = 512;

    private readonly string[] _kinds = [.. kinds.Select(kind => kind.Name)];
    private Guid _lookedUntil;
    private long? _looked;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Claiming ends when the host is told to stop, before its requests have come to their end.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        using var beating = new CancellationTokenSource();
        runners.Start();
        var heartbeat = BeatAsync(beating.Token);
        await RepeatAsync(ClaimAsync, stopping.Token);
        await runners.DrainAsync(options.Drain);
        await beating.CancelAsync();
        await heartbeat;
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> work, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await work(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                LogUnreachable(e.SqlState ?? "connection");
                await Task.Delay(Secrets.Jitter(TimeSpan.FromSeconds(1)), CancellationToken.None);
            }
        }
    }

    private async Task ClaimAsync(CancellationToken ct)
    {
        if (_looked is not { } looked || time.GetElapsedTime(looked) >= options.Poll)
        {
            await LookAsync(ct);
        }
        if (signal.IsEmpty || !runners.HaveRoom)
        {
            await signal.WaitAsync(options.Poll, ct);
            return;
        }
        var (workspaces, each) = runners.Admit(signal.Take(WorkspacesAtOnce), MostOfOne);
        if (workspaces.Length == 0)
        {
            return;
        }
        List<(string Kind, JobRun Run, bool Suspect, bool PutOff)> claimed;
        try
        {
            claimed = await ClaimAsync(workspaces, each, ct);
        }
        catch
        {
            // Their turn is not used up.
            Array.ForEach(workspaces, signal.Wake);
            throw;
        }
        runners.Add(claimed.Where(job => !job.PutOff).Select(job => (job.Kind, job.Run, job.Suspect)));
        foreach (var workspace in claimed.CountBy(job => job.Run.WorkspaceId).Where(of => of.Value == each))
        {
            signal.Wake(workspace.Key);
        }
    }

    private async Task<List<(string Kind, JobRun Run, bool Suspect, bool PutOff)>> ClaimAsync(
        Guid[] workspaces,
        int each,
        CancellationToken ct
    )
    {
        var limit = Sql.Constant(each.ToString(CultureInfo.InvariantCulture));
        var claimed = await system.RunAsync(
            s =>
                s.BatchAsync(
                    [
                        JobStatements.UnflushedClaim,
                        JobStatements.Claim(runners.Node, options.Lease, workspaces, _kinds, limit, runners.TakesSuspects),
                    ],
                    results =>
                        results.ListAsync(
                            row =>
                                (
                                    row.GetString(2),
                                    new JobRun(row.GetGuid(0), row.GetGuid(1), row.GetGuid(3), row.GetInt32(4)),
                                    row.GetBoolean(5),
                                    row.GetBoolean(6)
                                ),
                            ct
                        ),
                    ct
                ),
            ct
        );
        CrashPoint.Reach("queue", "claimed");
        return claimed;
    }

    /// <summary>Starts what the schedules want, and finds the workspaces with jobs due.</summary>
    private async Task LookAsync(CancellationToken ct)
    {
        var due = await system.RunAsync(
            s =>
                s.BatchAsync(
                    [JobStatements.Tick, JobStatements.Due(_lookedUntil)],
                    results => results.ListAsync(row => row.GetGuid(0), ct),
                    ct
                ),
            ct
        );
        due.ForEach(signal.Wake);
        var goesOn = due.Count == 1000;
        var fromTheMiddle = _lookedUntil != Guid.Empty;
        _lookedUntil = goesOn ? due[^1] : Guid.Empty;
        // The end of the list was reached: the next look, at its beginning, need not wait.
        _looked = fromTheMiddle && !goesOn ? null : time.GetTimestamp();
    }

    private async Task BeatAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.Lease / 4, ct);
                await runners.RenewAsync(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                LogUnreachable(e.SqlState ?? "connection");
            }
        }
    }

    internal static TimeSpan Backoff(int attempt) => Secrets.Jitter(TimeSpan.FromSeconds(Math.Min(600, Math.Pow(2, attempt))));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue cannot be reached now ({State}); trying again")]
    private partial void LogUnreachable(string state);
}
