using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Writes;

namespace Tenet.Odoo.Switches;

/// <summary>Changes what the copilot may do. A stop ends the answers that run, on every node.</summary>
internal static class SetSwitches
{
    /// <summary>The tenant's admin: everything but the operator's halt.</summary>
    public static async Task RunAsync(WorkspaceContext ctx, Func<CopilotSwitches, CopilotSwitches> change, CancellationToken ct)
    {
        var old = await LockAsync(ctx, ct);
        var wanted = change(old);
        await ctx.ExecuteAsync(
            $"""
            update odoo.switches set asking = {wanted.Asking}, read_only = {wanted.ReadOnly}, stopped_at = {wanted.StoppedAt}::timestamptz,
                   create_record = {wanted.WordOf(OdooAction.CreateRecord)}, update_record = {wanted.WordOf(OdooAction.UpdateRecord)},
                   archive_record = {wanted.WordOf(OdooAction.ArchiveRecord)}, confirm_order = {wanted.WordOf(OdooAction.ConfirmOrder)},
                   post_message = {wanted.WordOf(OdooAction.PostMessage)}, schedule_activity = {wanted.WordOf(OdooAction.ScheduleActivity)},
                   changed_at = {ctx.Now}
            """,
            ct
        );
        ctx.Audit(
            "odoo.switched",
            "workspace",
            ctx.WorkspaceId,
            new
            {
                stopped = wanted.StoppedAt is not null,
                wanted.ReadOnly,
                wanted.Asking,
                actions = OdooActions.All.ToDictionary(action => action.Tool(), wanted.WordOf, StringComparer.Ordinal),
            }
        );
        Tell(ctx, ends: wanted.StoppedAt is not null && old.StoppedAt is null);
    }

    /// <summary>The operator, over the head of the tenant's admin.</summary>
    public static async Task HaltAsync(WorkspaceContext ctx, bool halt, CancellationToken ct)
    {
        await LockAsync(ctx, ct);
        await ctx.ExecuteAsync(
            $"update odoo.switches set halted_at = {(halt ? ctx.Now : (DateTimeOffset?)null)}::timestamptz, changed_at = {ctx.Now}",
            ct
        );
        ctx.Audit(halt ? "odoo.halted" : "odoo.halt_lifted", "workspace", ctx.WorkspaceId);
        Tell(ctx, ends: halt);
    }

    private static async Task<CopilotSwitches> LockAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var start = CopilotSwitches.Default;
        await ctx.ExecuteAsync(
            $"""
            insert into odoo.switches (id, asking, read_only, create_record, update_record, archive_record, confirm_order, post_message,
                                       schedule_activity, changed_at)
            values ({Guid.CreateVersion7(
                ctx.Now
            )}, {start.Asking}, {start.ReadOnly}, 'writer', 'writer', 'writer', 'writer', 'writer', 'writer',
                    {ctx.Now})
            on conflict (workspace_id) do nothing
            """,
            ct
        );
        await ctx.ExecuteAsync($"select from odoo.switches for update", ct);
        return await CopilotSwitches.ReadAsync(ctx, ct);
    }

    private static void Tell(WorkspaceContext ctx, bool ends)
    {
        ctx.Publish(SwitchBoard.Topic, ctx.WorkspaceId);
        if (ends)
        {
            ctx.Publish(SwitchBoard.Stopped, ctx.WorkspaceId);
        }
    }
}
