using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Turns;

/// <summary>Ends the turns whose host was killed. Their credits are given back by a job of their own; nothing else was left of them.</summary>
internal sealed class EndLostTurns(WorkspaceScope door) : IJob
{
    public const string Kind = "odoo.end_lost_turns";
    public const string Fault = "lost";

    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Longer than any turn: it ends with its user's token, which lives for minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>How far it looks back, by the index of starts: one of its own for states would cost each turn more than this look costs.</summary>
    private static readonly TimeSpan Reach = TimeSpan.FromDays(30);

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                await ctx.ExecuteAsync(
                    $"""
                    update odoo.turn set state = {CopilotState.Failed}, fault = {Fault}, completed_at = {ctx.Now}
                     where state = 'running' and started_at between {ctx.Now - Reach} and {ctx.Now - Patience}
                    """,
                    ct
                );
                if (!await ctx.ScalarAsync<bool>($"select exists (select from odoo.tenant)", ct))
                {
                    ctx.Unschedule(Kind, job.SubjectId);
                }
            },
            ct
        );
}
