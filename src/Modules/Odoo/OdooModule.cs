using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Mcp;
using Tenet.Odoo.Switches;
using Tenet.Odoo.Tenants;
using Tenet.Odoo.Tokens;
using Tenet.Odoo.Turns;
using Tenet.Odoo.Usage;
using Tenet.Odoo.Writes;

namespace Tenet.Odoo;

public static class OdooModule
{
    public static IServiceCollection AddOdoo(this IServiceCollection services, CopilotOptions options)
    {
        services.AddRecords(records =>
            records
                .Add<Tenant>()
                .Add<TermsAcceptance>()
                .Add<ConnectCodeRecord>()
                .Add<PanelGrant>()
                .Add<UsedToken>()
                .Add<CopilotSession>()
                .Add<CopilotTurnRecord>()
                .Add<ToolCallRecord>()
                .Add<SwitchSheet>()
                .Add<Approval>()
                .Add<HelpRequest>()
                .Rule(OdooRules.Connection, "as long as the Odoo is connected, and a day more")
                .Rule(OdooRules.Sessions, "as long as the Odoo is connected, and a day more")
                .Rule(OdooRules.Usage, "as long as the Odoo is connected, and a day more: states, times and counts, without content")
                .Rule(OdooRules.Grants, "until it cannot be refreshed any more")
                .Rule(OdooRules.Codes, "until a while after its end")
                .Rule(OdooRules.Switches, "as long as the workspace is active")
                .Rule(OdooRules.Used, "until the token would have ended")
        );
        services.AddSingleton<TenantBook>().AddSingleton<ServerRequest>().AddSingleton<RegisterTenant>().AddSingleton<CheckTenant>();
        services.AddSingleton(new NavEntry("Odoo", "/odoo", 60, Access.Admin));
        services.AddClocks();
        services.AddClaimKind(_ => new ChargedAnswers());
        services.AddSingleton<Lifetimes>().AddSingleton<RefreshTokens>().AddSingleton<Grants>().AddSingleton<McpClient>();
        services.AddSingleton<SwitchBoard>().AddSingleton<ProposeWrite>().AddSingleton<DecideApproval>().AddSingleton<AskForPerson>();
        services.AddJob<EndLostWrite>(EndLostWrite.Kind, title: "Tell what became of a change in Odoo whose host was lost");
        services.AddJob<EndLostTurns>(EndLostTurns.Kind, title: "End turns of the copilot whose host was lost");
        services.AddSingleton(options).AddSingleton(provider => new CopilotHalt(provider.GetRequiredService<WorkspaceScope>()));
        services.AddSingleton<CopilotLedger>().AddSingleton<CopilotTurn>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, CopilotAuthentication>(CopilotAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(CopilotAuthentication.Policy, policy => policy.RequireAuthenticatedUser());
        return services;
    }

    /// <summary>Before authentication: preflights carry no token.</summary>
    public static void UseOdoo(this IApplicationBuilder app) => app.UseCrossOrigin("/api/copilot");

    public static void MapOdoo(this IEndpointRouteBuilder app)
    {
        app.MapTenants();
        app.MapPanel();
        app.MapUsage();
    }
}
