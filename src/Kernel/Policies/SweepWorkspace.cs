using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>
/// Deletes what has reached its age in one workspace, rule by rule, a batch in each transaction. The queue's turns between workspaces keep one
/// with much to delete from holding the others up.
/// </summary>
internal sealed class SweepWorkspace(
    WorkspaceScope door,
    PolicySettings settings,
    IEnumerable<RetentionClock> clocks,
    IEnumerable<LifeClock> lives
) : IJob
{
    public const string Kind = "kernel.sweep";
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        foreach (var clock in clocks.Where(clock => clock is { OfDeployment: false, Ends: not null }))
        {
            while (await door.RunAsync(job.WorkspaceId, Actor.System, ctx => SweepAsync(ctx, clock, ct), ct) == RetentionEnd.BatchSize) { }
        }
        foreach (var life in lives.Where(life => life is { OfDeployment: false, Delete: not null }))
        {
            await door.RunAsync(job.WorkspaceId, Actor.System, ctx => ctx.ExecuteAsync(life.Delete!, ct), ct);
        }
    }

    private async Task<int> SweepAsync(WorkspaceContext ctx, RetentionClock clock, CancellationToken ct)
    {
        if (await settings.KeepAsync(ctx, clock.Rule, ct) is not { } keep)
        {
            return 0;
        }
        var rows = await ctx.ExecuteAsync(clock.Ends!.DeleteBatch(keep.Before(ctx.Now)), ct);
        await SweptRows.AddAsync(ctx, clock.Rule, keep, rows, ct);
        return rows;
    }
}
