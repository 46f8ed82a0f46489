using System.Reflection;
using Microsoft.AspNetCore.Diagnostics;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Screens;

namespace Tenet.Shell;

/// <summary>The console: one Blazor app whose pages live in the modules.</summary>
internal static class ConsoleShell
{
    /// <summary>Where pages are looked for. A module that gains its first page gains its line here.</summary>
    public static readonly Assembly[] ModulesWithPages =
    [
        typeof(Accounts.AccountsModule).Assembly,
        typeof(Knowledge.KnowledgeModule).Assembly,
        typeof(Assistant.AssistantModule).Assembly,
        typeof(Inbox.InboxModule).Assembly,
        typeof(Billing.BillingModule).Assembly,
        typeof(Odoo.OdooModule).Assembly,
        typeof(Privacy.PrivacyModule).Assembly,
    ];

    public static IServiceCollection AddConsoleShell(this IServiceCollection services)
    {
        services
            .AddRazorComponents(options => options.DetailedErrors = false)
            .AddInteractiveServerComponents(options =>
            {
                options.DisconnectedCircuitMaxRetained = 100;
                options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
            });
        services.AddExceptionHandler<PageProblems>();
        services.AddCascadingAuthenticationState();
        services.AddScoped<ConsoleSession>();
        services.AddSingleton(
            new BrowserItem("tenet-theme", false, "remembers the light or dark theme that was chosen here", "until removed")
        );
        services.AddSingleton(new NavEntry("Jobs", "/jobs", 92, Access.Admin));
        services.AddSingleton(new Shortcut("Everywhere", "Ctrl+K", "Search pages and conversations"));
        services.AddSingleton(new Shortcut("Everywhere", "?", "Show this list"));
        services.AddSingleton(new Shortcut("Everywhere", "Esc", "Close what is open"));
        return services;
    }

    /// <summary>Pages for people instead of bare status codes, for what a browser opens.</summary>
    public static void UseConsoleShell(this IApplicationBuilder app)
    {
        app.UseStatusCodePagesWithReExecute("/status/{0}");
        app.Use(
            (http, next) =>
            {
                if (!IsPage(http.Request) && http.Features.Get<IStatusCodePagesFeature>() is { } pages)
                {
                    pages.Enabled = false;
                }
                return next(http);
            }
        );
        app.UsePageHeaders();
        app.UsePageForms();
    }

    private static bool IsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static void MapConsoleShell(this IEndpointRouteBuilder app) =>
        app.MapRazorComponents<App>()
            .AddAdditionalAssemblies(ModulesWithPages)
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .RequireAuthorization(Access.Viewer)
            .LimitedBy(RateGroup.Pages)
            .DisableRequestTimeout();
}
