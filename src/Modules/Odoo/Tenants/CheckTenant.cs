using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Mcp;

namespace Tenet.Odoo.Tenants;

internal sealed record TenantCheck(string State, int? Tools, string? Reason, string? Message);

/// <summary>Whether Tenet reaches an Odoo: asks its endpoint for the list of tools.</summary>
internal sealed class CheckTenant(McpClient odoo, WorkspaceScope door)
{
    public async Task<TenantCheck> RunAsync(ConnectedTenant tenant, CancellationToken ct)
    {
        OdooFault? fault = null;
        var tools = 0;
        try
        {
            tools = await odoo.CountToolsAsync(tenant, ct);
        }
        catch (OdooException e)
        {
            fault = e.Fault;
        }
        var state = fault is null ? TenantState.Connected : TenantState.Unreachable;
        var code = fault is { } known ? OdooException.CodeOf(known) : null;
        await door.RunAsync(
            tenant.WorkspaceId,
            Actor.System,
            ctx =>
                ctx.ExecuteAsync(
                    $"update odoo.tenant set state = {state}, fault = {code}::text, checked_at = {ctx.Now} where id = {tenant.Id}",
                    ct
                ),
            ct
        );
        return fault is null
            ? new TenantCheck("connected", tools, null, null)
            : new TenantCheck("unreachable", null, code!["odoo_".Length..], CopilotText.Of(code, "en"));
    }
}
