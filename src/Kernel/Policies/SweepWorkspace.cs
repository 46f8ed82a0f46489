using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Deletes what has reached its age in one workspace, rule by rule, each in a transaction of its own.</summary>
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
        foreach (var clock in clocks.Where(clock => clock is { OfDeployment: false, Delete: not null }))
        {
            await door.RunAsync(
                job.WorkspaceId,
                Actor.System,
                async ctx =>
                {
                    if (await settings.KeepAsync(ctx, clock.Rule, ct) is { } keep)
                    {
                        await ctx.ExecuteAsync(clock.Delete!(keep.Before(ctx.Now)), ct);
                    }
                },
                ct
            );
        }
        foreach (var life in lives.Where(life => life is { OfDeployment: false, Delete: not null }))
        {
            await door.RunAsync(job.WorkspaceId, Actor.System, ctx => ctx.ExecuteAsync(life.Delete!, ct), ct);
        }
    }
}
