using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Knowledge;
using Tenet.Tests.Support;

namespace Tenet.Tests.Browser;

/// <summary>The demo shop's pages with the widget of a test's own workspace on each.</summary>
internal sealed class Shop(TestHost host, Workspace workspace, string key)
{
    public const string Returns = "/demo/returns";

    public Workspace Workspace => workspace;
    public string Key => key;

    /// <summary>A shop whose assistant knows nothing yet.</summary>
    public static async Task<Shop> OpenAsync(TestHost host)
    {
        var workspace = await host.OpenWorkspaceAsync();
        return new Shop(host, workspace, await WidgetVisitor.WidgetKeyAsync(host, workspace));
    }

    /// <summary>Has the crawler read the shop's pages.</summary>
    public async Task<Shop> CrawledAsync(CancellationToken ct)
    {
        host.Services.GetRequiredService<Egress>().AllowLoopback(host.Address.Authority);
        using var admin = await host.SignInAsync(workspace, "admin");
        var source = await admin.AddSiteAsync(new Uri(host.Address, "/demo/").AbsoluteUri);
        (await admin.CrawledAsync(source, ct)).GetProperty("state").GetString().ShouldBe("ready");
        return this;
    }

    /// <summary>Opens a page of the shop as a visitor.</summary>
    public async Task<Visit> VisitAsync(Tab tab, string path = Returns)
    {
        await tab.Page.RouteAsync(
            "**/demo/**",
            async route =>
            {
                if (route.Request.ResourceType is not "document")
                {
                    await route.ContinueAsync();
                    return;
                }
                var response = await route.FetchAsync();
                var script = $"<script src=\"/widget.js\" data-key=\"{WebUtility.HtmlEncode(key)}\" async></script></body>";
                var html = (await response.TextAsync()).Replace("</body>", script, StringComparison.Ordinal);
                await route.FulfillAsync(new RouteFulfillOptions { Response = response, Body = html });
            }
        );
        await tab.GoAsync(path);
        return new Visit(tab);
    }
}
