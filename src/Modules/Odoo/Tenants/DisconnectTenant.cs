using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Switches;

namespace Tenet.Odoo.Tenants;

internal sealed record Disconnected(DateTimeOffset DisconnectedAt, DateTimeOffset DeletedBy);

/// <summary>From now on nothing is taken from this Odoo and nothing asked of it; its records are deleted by the sweep some time later.</summary>
internal static class DisconnectTenant
{
    /// <summary>The sweep deletes a day after, and runs hourly.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromDays(2);

    /// <summary>Again: the same answer.</summary>
    public static async Task<Disconnected> RunAsync(WorkspaceContext ctx, Guid kid, DisconnectReason reason, CancellationToken ct)
    {
        var first = await ctx.ExecuteAsync(
            $"update odoo.tenant set disconnected_at = {ctx.Now}, reason = {reason} where id = {kid} and disconnected_at is null",
            ct
        );
        if (first == 1)
        {
            await ctx.ExecuteAsync(
                $"update odoo.panel_grant set ended_at = {ctx.Now}, ended_by = 'disconnect' where tenant_id = {kid} and ended_at is null",
                ct
            );
            ctx.Audit("odoo.disconnected", "odoo_tenant", kid, new { reason });
            ctx.Publish(TenantBook.Topic, kid);
            ctx.Publish(SwitchBoard.Stopped, ctx.WorkspaceId);
        }
        var at = await ctx.FirstOrDefaultAsync(
            $"select disconnected_at from odoo.tenant where id = {kid}",
            row => row.GetFieldValue<DateTimeOffset>(0),
            ct
        );
        return new Disconnected(at, at + Rest);
    }
}
