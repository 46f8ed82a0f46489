using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Tokens;

namespace Tenet.Odoo;

/// <summary>When the copilot's records end, and how the probes and the sweep see it.</summary>
internal static class OdooClocks
{
    public static void AddClocks(this IServiceCollection services)
    {
        // What belongs to a tenant is deleted with its row.
        services.AddLifeClock(
            new LifeClock(
                OdooRules.Connection,
                OdooRules.WhileConnected,
                before => $"select count(*) from (select from odoo.tenant where disconnected_at < {before} limit 1000) outlived"
            )
            {
                Delete = Sql.Constant("delete from odoo.tenant where disconnected_at < now() - interval '1 day'"),
            }
        );
        services.AddLifeClock(
            new LifeClock(
                OdooRules.Sessions,
                OdooRules.WhileConnected,
                before =>
                    $"select count(*) from (select from odoo.session s join odoo.tenant t on t.id = s.tenant_id where t.disconnected_at < {before} limit 1000) outlived"
            )
        );
        services.AddLifeClock(
            new LifeClock(
                OdooRules.Usage,
                OdooRules.WhileConnected,
                before =>
                    $"select count(*) from (select from odoo.turn u join odoo.session s on s.id = u.session_id join odoo.tenant t on t.id = s.tenant_id where t.disconnected_at < {before} limit 1000) outlived"
            )
        );
        services.AddLifeClock(LifeClock.OfWorkspace(OdooRules.Switches, "odoo.switches"));
        services.AddRetentionClock(
            Clock(
                OdooRules.Grants,
                "Permissions of the panel in Odoo",
                "after it could be refreshed last",
                "odoo.panel_grant",
                "refresh_until"
            )
        );
        services.AddRetentionClock(
            Clock(OdooRules.Codes, "Codes by which an Odoo is connected", "after its end", "odoo.connect_code", "expires_at")
        );
        services.AddRetentionClock(
            Clock(OdooRules.Used, "Marks of Odoo sign-ins that work once", "after the token's end", "odoo.used", "expires_at")
        );
        services.AddTokenClock(
            // The customer's clock may be ahead by as much as is tolerated.
            new TokenClock(Lifetimes.Token, moment => Later("odoo.used", "expires_at", moment + UserToken.Skew)) { OfWorkspace = true }
        );
        services.AddTokenClock(
            new TokenClock(Lifetimes.Grant, moment => Later("odoo.panel_grant", "good_until", moment)) { OfWorkspace = true }
        );
        services.AddTokenClock(
            new TokenClock(Lifetimes.Refresh, moment => Later("odoo.panel_grant", "refresh_until", moment)) { OfWorkspace = true }
        );
    }

    private static RetentionClock Clock(string rule, string title, string from, string table, string column) =>
        new(
            rule,
            from,
            look =>
                $"select count(*) from (select from {Sql.Constant(table)} where {Sql.Constant(column)} < {look.Before} limit 1000) overdue"
        )
        {
            Title = title,
            Ends = new RetentionEnd(table, before => $"{Sql.Constant(column)} < {before}"),
        };

    private static Sql Later(string table, string column, DateTimeOffset moment) =>
        $"select count(*) from (select from {Sql.Constant(table)} where {Sql.Constant(column)} > {moment} limit 1000) longer";
}
