using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Jobs;

/// <summary>
/// The jobs that this node holds: runs their handlers, a fixed number at once, and decides how many more it takes. Quick jobs are claimed
/// ahead; long ones are not, they would only wait here while another node is free.
/// </summary>
internal sealed partial class JobRunners : IDisposable
{
    private const string Abandoned = "Abandoned";

    private readonly Dictionary<string, JobKind> _kinds;
    private readonly ConcurrentDictionary<(Guid Workspace, Guid Id, int Attempt), ClaimedJob> _held = new();
    private readonly ConcurrentDictionary<Guid, int> _heldOf = new();
    private readonly ConcurrentDictionary<Guid, bool> _refused = new();
    private readonly Channel<ClaimedJob> _waiting = Channel.CreateUnbounded<ClaimedJob>();
    private readonly CancellationTokenSource _interrupt = new();
    private readonly CancellationTokenSource _giveUp = new();
    private readonly SystemScope _system;
    private readonly JobSignal _signal;
    private readonly JobSettlement _settlement;
    private readonly JobOptions _options;
    private readonly IServiceScopeFactory _services;
    private readonly TimeProvider _time;
    private readonly ILogger<JobRunners> _logger;
    private Task _running = Task.CompletedTask;
    private Task _settling = Task.CompletedTask;
    private long _renewed;
    private int _suspects;
    private long _suspectsSince;

    // How long a job took lately, in seconds; pessimistic until shown otherwise.
    private double _took = 1;

    public JobRunners(
        SystemScope system,
        JobSignal signal,
        IEnumerable<JobKind> kinds,
        JobOptions options,
        IServiceScopeFactory services,
        TimeProvider time,
        ILogger<JobRunners> logger
    )
    {
        _kinds = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);
        (_system, _signal, _options, _services, _time, _logger) = (system, signal, options, services, time, logger);
        _settlement = new JobSettlement(system, signal, Node, Settled, logger);
    }

    /// <summary>Names this process in its claims.</summary>
    public Guid Node { get; } = Guid.CreateVersion7();

    /// <summary>As many as the handlers get through in a tenth of a second.</summary>
    private int Ahead => (int)Math.Min(_options.Ahead, 0.1 / Volatile.Read(ref _took) * _options.Parallelism);

    private int Room => _options.Parallelism + Ahead - _held.Count;

    /// <summary>Of quick jobs not one is claimed at a time, but a good number together.</summary>
    public bool HaveRoom => Room > Ahead / 2;

    /// <summary>
    /// Suspects run with no other suspect beside them, so that it shows which one ends its host. After a minute the next may come: several
    /// long ones that only had bad luck need not wait for each other to their end.
    /// </summary>
    public bool TakesSuspects => Volatile.Read(ref _suspects) == 0 || _time.GetElapsedTime(_suspectsSince) > TimeSpan.FromMinutes(1);

    /// <summary>Of these workspaces, those that may have more jobs here now, and how many each.</summary>
    public (Guid[] Workspaces, int Each) Admit(List<Guid> turns, int most)
    {
        var admitted = new List<Guid>(turns.Count);
        var each = Math.Max(1, Room / turns.Count);
        foreach (var workspace in turns)
        {
            // At most half of what others leave free, so that long jobs of one never hold all handlers.
            var own = _heldOf.GetValueOrDefault(workspace);
            var free = Math.Max(0, _options.Parallelism - (_held.Count - own));
            if (Ahead + ((free + 1) / 2) - own is > 0 and var allowed)
            {
                admitted.Add(workspace);
                each = Math.Min(each, allowed);
            }
            else
            {
                _refused[workspace] = true;
            }
        }
        // Powers of two: each number is a statement of its own to prepare.
        return ([.. admitted], (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(Math.Min(each, most) + 1)) / 2);
    }

    public void Add(IEnumerable<(string Kind, JobRun Run, bool Suspect)> claimed)
    {
        var now = _time.GetTimestamp();
        foreach (var (kind, run, suspect) in claimed)
        {
            var job = new ClaimedJob(kind, run, suspect, now);
            if (suspect)
            {
                Interlocked.Increment(ref _suspects);
                _suspectsSince = now;
            }
            _held[Key(job)] = job;
            _heldOf.AddOrUpdate(run.WorkspaceId, 1, (_, n) => n + 1);
            _waiting.Writer.TryWrite(job);
        }
    }

    public void Start()
    {
        _renewed = _time.GetTimestamp();
        _settling = _settlement.RunAsync(_giveUp.Token);
        _running = Task.WhenAll(Enumerable.Range(0, _options.Parallelism).Select(_ => Task.Run(RunAsync)));
    }

    /// <summary>A sign of life for all that is held. What another node has taken meanwhile is interrupted here.</summary>
    public async Task RenewAsync(CancellationToken ct)
    {
        HandBackWaiting(olderThan: TimeSpan.FromSeconds(2));
        var held = _held.Values.Where(job => _time.GetElapsedTime(job.ClaimedAt) > _options.Lease / 8).ToList();
        var begun = _time.GetTimestamp();
        try
        {
            if (held.Count > 0)
            {
                var kept = await _system.RunAsync(
                    s =>
                        s.ListAsync(
                            JobStatements.Renew(
                                Node,
                                _options.Lease,
                                [.. held.Select(job => job.Run.WorkspaceId)],
                                [.. held.Select(job => job.Run.JobId)],
                                [.. held.Select(job => job.Run.Attempt)]
                            ),
                            row => row.GetGuid(0),
                            ct
                        ),
                    ct
                );
                var still = kept.ToHashSet();
                Lose(held.Where(job => !still.Contains(job.Run.JobId) && _held.ContainsKey(Key(job))));
            }
            _renewed = begun;
        }
        catch (NpgsqlException) when (_time.GetElapsedTime(_renewed) > _options.Lease)
        {
            Lose(held);
            throw;
        }
    }

    /// <summary>Hands back what has not begun, lets the rest end within the limit, then interrupts it and hands it back.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        HandBackWaiting(TimeSpan.Zero);
        _waiting.Writer.Complete();
        if (await Task.WhenAny(_running, Task.Delay(limit)) != _running)
        {
            LogInterrupted(_held.Count);
            await _interrupt.CancelAsync();
            await Task.WhenAny(_running, Task.Delay(TimeSpan.FromSeconds(5)));
        }
        _settlement.Complete();
        _giveUp.CancelAfter(TimeSpan.FromSeconds(5));
        await _settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void HandBackWaiting(TimeSpan olderThan)
    {
        foreach (var job in _held.Values)
        {
            if (job.IsWaiting && _time.GetElapsedTime(job.ClaimedAt) >= olderThan && job.TryHandBack())
            {
                // Jobs take longer than they did: no more are taken ahead until some have ended.
                Volatile.Write(ref _took, 1);
                _settlement.Add(new JobOutcome(job, JobEnd.HandedBack));
            }
        }
    }

    private async Task RunAsync()
    {
        await foreach (var job in _waiting.Reader.ReadAllAsync())
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(_interrupt.Token);
            if (job.TryStart(cancellation))
            {
                var outcome = await MeasureAsync(job, cancellation.Token);
                if (outcome is null)
                {
                    Settled(job);
                }
                else
                {
                    _settlement.Add(outcome);
                }
            }
        }
    }

    private async Task<JobOutcome?> MeasureAsync(ClaimedJob job, CancellationToken ct)
    {
        if (!Signals.Jobs.Enabled && !Signals.IsTracing)
        {
            return await RunAsync(job, ct);
        }
        var began = _time.GetTimestamp();
        using var span = Signals.Begin("job " + job.Kind, isRoot: true);
        span?.SetTag("kind", job.Kind).SetTag("tenet.workspace", job.Run.WorkspaceId).SetTag("tenet.attempt", job.Run.Attempt);
        var outcome = await RunAsync(job, ct);
        var end = outcome?.End.ToString() ?? "Lost";
        span?.SetTag("outcome", end);
        Signals.Jobs.Record(_time.GetElapsedTime(began).TotalSeconds, new("kind", job.Kind), new("outcome", end));
        return outcome;
    }

    /// <returns>Null when the lease was lost: it is no longer this node's to settle.</returns>
    private async Task<JobOutcome?> RunAsync(ClaimedJob job, CancellationToken ct)
    {
        var (run, kind) = (job.Run, _kinds[job.Kind]);
        CrashPoint.Enter(job.Kind);
        if (run.Attempt > kind.MaxAttempts)
        {
            // Every earlier attempt took its node down with it, so that none could put the job aside.
            LogFailed(job.Kind, run.JobId, run.Attempt, Abandoned);
            await GiveUpAsync(run, kind, ct);
            return new JobOutcome(job, JobEnd.Dead, Abandoned);
        }
        var began = _time.GetTimestamp();
        try
        {
            await using var scope = _services.CreateAsyncScope();
            await ((IJob)scope.ServiceProvider.GetRequiredService(kind.Handler)).RunAsync(run, ct);
            return new JobOutcome(job, JobEnd.Done);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return job.IsLost ? null : new JobOutcome(job, JobEnd.HandedBack);
        }
        catch (Exception e)
        {
            var error = e.GetType().Name;
            LogFailed(job.Kind, run.JobId, run.Attempt, error);
            if (run.Attempt < kind.MaxAttempts)
            {
                return new JobOutcome(job, JobEnd.Again, error, JobWorker.Backoff(run.Attempt));
            }
            await GiveUpAsync(run, kind, ct);
            return new JobOutcome(job, JobEnd.Dead, error);
        }
        finally
        {
            var took = _time.GetElapsedTime(began).TotalSeconds;
            Volatile.Write(ref _took, Math.Max(1e-6, (0.95 * Volatile.Read(ref _took)) + (0.05 * took)));
        }
    }

    private async Task GiveUpAsync(JobRun run, JobKind kind, CancellationToken ct)
    {
        try
        {
            await using var scope = _services.CreateAsyncScope();
            await ((IJob)scope.ServiceProvider.GetRequiredService(kind.Handler)).GiveUpAsync(run, ct);
        }
        catch (Exception e)
        {
            LogFailed(kind.Name, run.JobId, run.Attempt, e.GetType().Name);
        }
    }

    private void Lose(IEnumerable<ClaimedJob> jobs)
    {
        foreach (var job in jobs)
        {
            LogLost(job.Kind, job.Run.JobId);
            if (job.Lose())
            {
                Settled(job);
            }
        }
    }

    private void Settled(ClaimedJob job)
    {
        if (_held.TryRemove(Key(job), out _))
        {
            if (job.IsSuspect && Interlocked.Decrement(ref _suspects) == 0)
            {
                _signal.Wake(job.Run.WorkspaceId);
            }
            _heldOf.AddOrUpdate(job.Run.WorkspaceId, 0, (_, n) => n - 1);
            _heldOf.TryRemove(KeyValuePair.Create(job.Run.WorkspaceId, 0));
            if (_refused.TryRemove(job.Run.WorkspaceId, out _))
            {
                _signal.Wake(job.Run.WorkspaceId);
            }
        }
        if (HaveRoom)
        {
            _signal.Nudge();
        }
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _giveUp.Dispose();
    }

    private static (Guid, Guid, int) Key(ClaimedJob job) => (job.Run.WorkspaceId, job.Run.JobId, job.Run.Attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Kind} {JobId} failed at attempt {Attempt} with {Error}")]
    private partial void LogFailed(string kind, Guid jobId, int attempt, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of job {Kind} {JobId} could not be kept; it is left to another node")]
    private partial void LogLost(string kind, Guid jobId);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} jobs were still running when the time to stop was up; they are handed back"
    )]
    private partial void LogInterrupted(int count);
}
