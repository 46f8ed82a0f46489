using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Writes;

/// <summary>
/// Stands over each write that was approved: stored with the approval, taken back when Odoo has answered. When it comes due, the host was lost in
/// between. Whether Odoo wrote is not known then, and nothing is tried again.
/// </summary>
internal sealed class EndLostWrite(WorkspaceScope door) : IJob
{
    public const string Kind = "odoo.end_lost_write";

    /// <summary>The word for why it is not known.</summary>
    public const string Fault = "lost";

    /// <summary>Longer than all calls of a write to a slow Odoo together.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static string KeyOf(Guid approval) => approval.ToString("N");

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                var lost = await ctx.FirstOrDefaultAsync(
                    $"""
                    update odoo.approval set state = {ApprovalState.Unknown}, fault = {Fault} where id = {job.SubjectId} and state = 'executing'
                    returning action, uid
                    """,
                    row => new { Action = Kernel.Postgres.SqlValue.Enum<OdooAction>(row.GetString(0)), Uid = row.GetInt32(1) },
                    ct
                );
                if (lost is not null)
                {
                    ctx.Audit(
                        "odoo.acted",
                        "odoo_approval",
                        job.SubjectId,
                        new
                        {
                            lost.Action,
                            lost.Uid,
                            State = ApprovalState.Unknown,
                        }
                    );
                }
            },
            ct
        );
}
