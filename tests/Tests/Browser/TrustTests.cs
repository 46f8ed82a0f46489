using Microsoft.Playwright;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

public sealed class TrustTests(TestCluster cluster, Chromium chromium)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task A_workspaces_promises_are_read_without_script_and_cookie(ColorScheme scheme, int width)
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        await using var stranger = await chromium.OpenAsync(
            cluster.Host,
            new BrowserNewContextOptions
            {
                ColorScheme = scheme,
                ViewportSize = new ViewportSize { Width = width, Height = 800 },
            }
        );
        await stranger.BringAxeAsync();

        await stranger.GoAsync($"/trust/{workspace.Slug}");
        await stranger.Page.Locator(".evidence summary").First.ClickAsync();

        await Expect(stranger.Page.Locator(".evidence dl").First).ToBeVisibleAsync();
        await stranger.ShouldBeAccessibleAsync();
        (await stranger.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
        (await stranger.Page.Context.CookiesAsync()).ShouldBeEmpty();
    }
}
