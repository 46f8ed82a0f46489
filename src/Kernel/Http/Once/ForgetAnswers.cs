using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http.Once;

/// <summary>Deletes a workspace's kept answers when their day is over, and comes back hourly while there are any.</summary>
internal sealed class ForgetAnswers(WorkspaceScope door) : IJob
{
    public const string Kind = "http.forget_answers";
    public const string Key = "all";
    private static readonly TimeSpan Again = TimeSpan.FromHours(1);

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                await ctx.ExecuteAsync($"delete from kernel.saved_answer where expires_at <= {ctx.Now}", ct);
                if (await ctx.ScalarAsync<bool>($"select exists (select from kernel.saved_answer)", ct))
                {
                    ctx.Schedule(Kind, ctx.WorkspaceId, Again);
                }
                else
                {
                    ctx.Unschedule(Kind, ctx.WorkspaceId);
                }
            },
            ct
        );
}
