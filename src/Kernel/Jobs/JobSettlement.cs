using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Jobs;

internal enum JobEnd
{
    Done,
    Again,
    Dead,
    HandedBack,
}

/// <param name="Error">The exception's type, never its message.</param>
internal sealed record JobOutcome(ClaimedJob Job, JobEnd End, string Error = "", TimeSpan Delay = default);

/// <summary>
/// Writes down how jobs ended, many in one transaction. While the database is away it keeps trying: the leases go on, or end, by themselves.
/// </summary>
internal sealed partial class JobSettlement(SystemScope system, JobSignal signal, Guid node, Action<ClaimedJob> settled, ILogger logger)
{
    private const int Writers = 3;
    private const int BatchSize = 500;
    private readonly Channel<JobOutcome> _ended = Channel.CreateUnbounded<JobOutcome>();

    public void Add(JobOutcome outcome) => _ended.Writer.TryWrite(outcome);

    /// <summary>After the last outcome.</summary>
    public void Complete() => _ended.Writer.Complete();

    /// <summary>Until <see cref="Complete"/> and all is written, or <paramref name="ct"/> says that it takes too long.</summary>
    public Task RunAsync(CancellationToken ct) => Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(ct)));

    private async Task WriteAsync(CancellationToken ct)
    {
        var batch = new List<JobOutcome>(BatchSize);
        while (await _ended.Reader.WaitToReadAsync(ct))
        {
            batch.Clear();
            while (batch.Count < BatchSize && _ended.Reader.TryRead(out var outcome))
            {
                batch.Add(outcome);
            }
            await WriteAsync(batch, ct);
        }
    }

    private async Task WriteAsync(List<JobOutcome> batch, CancellationToken ct)
    {
        while (batch.Count > 0)
        {
            try
            {
                CrashPoint.ReachEach(batch.Select(outcome => outcome.Job.Kind), "acknowledge.before");
                var again = await system.RunAsync(s => WriteAsync(s, batch, ct), ct);
                CrashPoint.ReachEach(batch.Select(outcome => outcome.Job.Kind), "acknowledge.after");
                again.ForEach(signal.Wake);
                break;
            }
            catch (NpgsqlException e)
            {
                LogUnreachable(e.SqlState ?? "connection");
                await Task.Delay(Secrets.Jitter(TimeSpan.FromSeconds(1)), ct);
            }
        }
        foreach (var outcome in batch)
        {
            settled(outcome.Job);
        }
    }

    /// <returns>The workspaces of jobs that were asked for again.</returns>
    private async Task<List<Guid>> WriteAsync(SystemContext s, List<JobOutcome> batch, CancellationToken ct)
    {
        List<Guid> again = [];
        var done = batch.Where(outcome => outcome.End == JobEnd.Done).Select(outcome => outcome.Job.Run).ToList();
        if (done.Count > 0)
        {
            Guid[] workspaces = [.. done.Select(run => run.WorkspaceId)];
            Guid[] ids = [.. done.Select(run => run.JobId)];
            int[] attempts = [.. done.Select(run => run.Attempt)];
            if (await s.ExecuteAsync(JobStatements.Finish(node, workspaces, ids, attempts), ct) < done.Count)
            {
                again = await s.ListAsync(JobStatements.Again(node, workspaces, ids, attempts), row => row.GetGuid(0), ct);
            }
        }
        foreach (var (job, end, error, delay) in batch.Where(outcome => outcome.End != JobEnd.Done))
        {
            await s.ExecuteAsync(
                end switch
                {
                    JobEnd.Again => JobStatements.Retry(node, job.Run, delay, error),
                    JobEnd.Dead => JobStatements.Bury(node, job.Run, error),
                    _ => JobStatements.Release(node, job.Run),
                },
                ct
            );
        }
        return again;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "How jobs ended cannot be written now ({State}); trying again")]
    private partial void LogUnreachable(string state);
}
