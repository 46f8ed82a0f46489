using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Jobs;

/// <summary>Claims due jobs, runs up to <see cref="Parallelism"/> at once, renews their leases and settles them.</summary>
internal sealed partial class JobWorker(
    SystemScope system,
    JobSignal signal,
    IEnumerable<JobKind> kinds,
    IServiceScopeFactory services,
    TimeProvider time,
    ILogger<JobWorker> logger
) : BackgroundService
{
    private const int Parallelism = 16;
    private const string Abandoned = "Abandoned";
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, JobKind> _kinds = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Task> _running = new();
    private readonly Guid _node = Guid.CreateVersion7();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var renewed = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await system.RunAsync(s => s.ExecuteAsync(JobStatements.Tick(s.Now), stoppingToken), stoppingToken);
                if (time.GetElapsedTime(renewed) > Lease / 3)
                {
                    renewed = time.GetTimestamp();
                    await RenewAsync(stoppingToken);
                }
                var started = _running.Count < Parallelism ? await ClaimAsync(stoppingToken) : 0;
                if (started == 0)
                {
                    await signal.WaitAsync(Poll, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (NpgsqlException e)
            {
                LogUnreachable(e.SqlState ?? "connection");
                await Task.Delay(Secrets.Jitter(TimeSpan.FromSeconds(2)), time, CancellationToken.None);
            }
        }
        await Task.WhenAny(Task.WhenAll(_running.Values), Task.Delay(TimeSpan.FromSeconds(10), time, CancellationToken.None));
    }

    private async Task<int> ClaimAsync(CancellationToken ct)
    {
        var free = Sql.Constant((Parallelism - _running.Count).ToString(CultureInfo.InvariantCulture));
        var claimed = await system.RunAsync(
            s =>
                s.ListAsync(
                    JobStatements.Claim(_node, s.Now, s.Now + Lease, free),
                    row => (Kind: row.GetString(2), Run: new JobRun(row.GetGuid(0), row.GetGuid(1), row.GetGuid(3), row.GetInt32(4))),
                    ct
                ),
            ct
        );
        foreach (var (kind, run) in claimed)
        {
            // Listed before it starts, or a quick one would be taken off the list first and stay on it.
            var task = new Task<Task>(() => RunAsync(kind, run, ct));
            _running[run.JobId] = task.Unwrap();
            task.Start(TaskScheduler.Default);
        }
        return claimed.Count;
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        var ids = _running.Keys.ToArray();
        if (ids.Length > 0)
        {
            await system.RunAsync(s => s.ExecuteAsync(JobStatements.Renew(_node, ids, s.Now + Lease), ct), ct);
        }
    }

    private async Task RunAsync(string name, JobRun run, CancellationToken ct)
    {
        try
        {
            if (!_kinds.TryGetValue(name, out var kind))
            {
                LogUnknown(name);
                await SettleAsync(s => JobStatements.Retry(_node, run.WorkspaceId, run.JobId, s.Now.AddMinutes(5), "UnknownKind"));
                return;
            }
            if (run.Attempt > kind.MaxAttempts)
            {
                // Every earlier attempt took its node down with it, so that none could put the job aside.
                LogFailed(name, run.JobId, run.Attempt, Abandoned);
                await SettleAsync(s => JobStatements.Bury(_node, run.WorkspaceId, run.JobId, s.Now, Abandoned));
                return;
            }
            try
            {
                await using var scope = services.CreateAsyncScope();
                await ((IJob)scope.ServiceProvider.GetRequiredService(kind.Handler)).RunAsync(run, ct);
                await SettleAsync(s => JobStatements.Finish(_node, run.WorkspaceId, run.JobId, s.Now));
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // A stopping node gives its jobs back at once.
                await SettleAsync(s => JobStatements.Release(_node, run.WorkspaceId, run.JobId, s.Now));
            }
            catch (Exception e)
            {
                var error = e.GetType().Name;
                LogFailed(name, run.JobId, run.Attempt, error);
                await SettleAsync(s =>
                    run.Attempt >= kind.MaxAttempts
                        ? JobStatements.Bury(_node, run.WorkspaceId, run.JobId, s.Now, error)
                        : JobStatements.Retry(_node, run.WorkspaceId, run.JobId, s.Now + Backoff(run.Attempt), error)
                );
            }
        }
        finally
        {
            _running.TryRemove(run.JobId, out _);
            signal.Wake();
        }
    }

    private async Task SettleAsync(Func<SystemContext, Sql> statement)
    {
        try
        {
            await system.RunAsync(s => s.ExecuteAsync(statement(s), CancellationToken.None), CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            // Its lease runs out and it comes back: that is what leases are for.
            LogUnreachable(e.SqlState ?? "connection");
        }
    }

    internal static TimeSpan Backoff(int attempt) => Secrets.Jitter(TimeSpan.FromSeconds(Math.Min(600, Math.Pow(2, attempt))));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Kind} {JobId} failed at attempt {Attempt} with {Error}")]
    private partial void LogFailed(string kind, Guid jobId, int attempt, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "No module of this version runs jobs of kind {Kind}")]
    private partial void LogUnknown(string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue cannot be reached now ({State}); trying again")]
    private partial void LogUnreachable(string state);
}
