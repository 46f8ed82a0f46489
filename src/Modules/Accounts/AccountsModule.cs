using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Accounts.Factors;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

public static class AccountsModule
{
    /// <summary>The authentication scheme of members, which is also the name of the cookie.</summary>
    public const string Scheme = SessionCookie.Name;

    public static IServiceCollection AddAccounts(this IServiceCollection services, AccountsOptions options)
    {
        services.AddSingleton(p => new PublicAddress(options, p.GetRequiredService<IServer>()));
        services.AddSingleton<Lifetimes>().AddSingleton<Sessions>();
        services.AddSingleton(p => new Members(p.GetRequiredService<SystemScope>(), p.GetRequiredService<WorkspaceScope>()));
        services.AddSingleton(p => new OpenWorkspace(
            p.GetRequiredService<WorkspaceDirectory>(),
            p.GetRequiredService<WorkspaceScope>(),
            p.GetRequiredService<Members>()
        ));
        services.AddSingleton(p => new SignInLinks(
            p.GetRequiredService<SystemScope>(),
            p.GetRequiredService<WorkspaceScope>(),
            p.GetRequiredService<PublicAddress>(),
            p.GetRequiredService<Lifetimes>()
        ));
        services.AddSingleton<RefreshCaller>(p => p.GetRequiredService<Sessions>().RefreshAsync);
        services.AddScoped<AuthenticationStateProvider, MemberState>();
        services.AddSingleton(new NavEntry("Members", "/members", 80, Access.Viewer));
        services.AddSingleton(new NavEntry("API keys", "/api-keys", 85, Access.Viewer));
        services.AddSingleton(new NavEntry("Audit log", "/audit-log", 90, Access.Admin));
        services.AddSingleton(new NavEntry("Settings", "/settings", 95, Access.Admin));
        services.AddSingleton(
            new BrowserItem(
                SessionCookie.Name,
                true,
                "keeps a member of the team signed in",
                "until signed out, at most as long as the policy says"
            )
        );
        services.AddClaimKind(p => new SecondFactorClaim(p.GetRequiredService<OwnHost>()));
        services.AddSingleton(new AuditedRecords("accounts.member", "member.joined"));
        services.AddSingleton(new AuditedRecords("accounts.invitation", "member.invited"));
        services.AddSingleton(new AuditedRecords("accounts.api_key", "api_key.made"));
        foreach (var clock in Lifetimes.Clocks)
            services.AddTokenClock(clock);
        foreach (var clock in Lifetimes.Ends)
            services.AddRetentionClock(clock);
        foreach (var clock in Lifetimes.Lives)
            services.AddLifeClock(clock);
        services.AddClaimKind(p => new Cookies(p.GetRequiredService<OwnHost>()));
        services.AddJob<ForgetLogin>(ForgetLogin.Kind, title: "Forget a removed person's sign-in");
        services.AddSingleton<Invitations>().AddSingleton<AcceptInvitation>();
        services.AddSingleton<SignInLetters>().AddHostedService(p => p.GetRequiredService<SignInLetters>());
        services.AddSingleton(new BeforeErasure("accounts.member", MemberRules.DemandErasableAsync, MemberRules.LeaveErasedAsync));
        services.AddSingleton(
            new FixedColumn(
                "accounts.member",
                "email",
                "It is what the member signs in with. Invite the right address, then remove the member with the wrong one."
            )
        );
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<OpenRequests>().AddHostedService(p => p.GetRequiredService<OpenRequests>());
        services
            .AddSingleton<OwnSessions>()
            .AddSingleton<SignInActivity>()
            .AddSingleton<Passkeys>()
            .AddSingleton<PasskeySignIn>()
            .AddSingleton<FactorChanges>();
        services.AddSingleton(p => new SecondFactorReset(p.GetRequiredService<SystemScope>(), p.GetRequiredService<SecondFactors>()));
        services.AddSingleton<SecondFactors>().AddSingleton<FactorCheck>().AddSingleton<PendingSignIns>().AddSingleton<SignInSteps>();
        services
            .AddAuthentication(Scheme)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(
                Scheme,
                session =>
                    session.ForwardDefaultSelector = http => KeyAuthentication.Carries(http.Request) ? KeyAuthentication.SchemeName : null
            )
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.SchemeName, null);
        return services.AddRecords(records =>
            records
                .Add<Login>()
                .Add<Session>()
                .Add<SignInLink>()
                .Add<Member>()
                .Add<Invitation>()
                .Add<ApiKey>()
                .Add<Authenticator>()
                .Add<Passkey>()
                .Add<PasskeyCeremony>()
                .Add<RecoveryCode>()
                .Add<FactorAttempts>()
                .Add<SignInPolicy>()
                .Rule("accounts.logins", "as long as the person is a member of a workspace")
                .Rule("accounts.sessions", "until signed out, or ended, and then as long as the policy says")
                .Rule("accounts.api_keys", "until revoked, or its member leaves")
                .Rule("accounts.factors", "until removed, or the person is a member of no workspace")
                .Rule("accounts.ceremonies", "until used or ended, and then as long as the policy says")
                .Rule("accounts.sign_in_policies", "as long as the workspace is active")
                .Rule("accounts.links", "until they ended, and then as long as the policy says")
                .Rule("accounts.members", "as long as the person is a member")
                .Rule("accounts.invitations", "until accepted, withdrawn or ended, and then as long as the policy says")
        );
    }

    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        app.MapSignIn();
        app.MapMembers();
        app.MapApiKeys();
        app.MapSecondFactors();
        app.MapAudit();
        app.MapPasskeys();
        WorkspaceSettings.Map(app);
    }
}
