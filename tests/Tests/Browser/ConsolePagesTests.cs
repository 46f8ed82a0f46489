using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Shell;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>What must hold of every page there is. The pages are found, not listed.</summary>
public sealed class ConsolePagesTests(TestCluster cluster, Chromium chromium)
{
    private readonly TestHost _host = cluster.Host;

    private static IEnumerable<(string Path, bool SignedIn, bool InConsole)> Pages =>
        from type in ConsoleShell.ModulesWithPages.Append(typeof(ConsoleShell).Assembly).SelectMany(assembly => assembly.GetTypes())
        from route in type.GetCustomAttributes<RouteAttribute>()
        where !route.Template.Contains('{')
        select (
            route.Template,
            type.GetCustomAttribute<AllowAnonymousAttribute>() is null,
            type.GetCustomAttribute<ExcludeFromInteractiveRoutingAttribute>() is null
        );

    [Fact]
    public void There_are_pages() => Pages.Count(page => page.SignedIn).ShouldBeGreaterThanOrEqualTo(7);

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Every_page_loads_without_faults_and_is_accessible(ColorScheme scheme, int width)
    {
        var shop = await Shop.OpenAsync(_host);
        // Shown on pages that have nothing else to say otherwise.
        await _host.AsOwnerAsync<object>(
            """
            insert into kernel.incident (workspace_id, id, promise_id, claim_number, says, opened_at)
            values ($1, gen_random_uuid(), 'widget.1', 1, 'It was found not to hold.', now()) on conflict do nothing
            """,
            shop.Workspace.Id
        );
        var look = new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
        };
        await using var visitor = await chromium.OpenAsync(_host, new BrowserNewContextOptions(look));
        await visitor.BringAxeAsync();
        await (await shop.VisitAsync(visitor)).AskAsync("Can I exchange the tent?");
        await visitor.ShouldBeAccessibleAsync();
        visitor.ShouldBeQuiet();

        await using var member = await chromium.OpenAsync(_host, new BrowserNewContextOptions(look));
        await member.BringAxeAsync();
        await member.SignInAsync(shop.Workspace, "owner");
        foreach (var (path, _, inConsole) in Pages.Where(page => page.SignedIn))
        {
            await (inConsole ? member.GoToConsoleAsync(path) : member.GoAsync(path));
            await CheckAsync(member, path);
        }
        // A conversation is a page, too.
        await member.GoToConsoleAsync("/inbox");
        await member.Page.Locator(".list .row").ClickAsync();
        await Expect(member.Page.Locator(".messages")).ToContainTextAsync("Can I exchange the tent?");
        await CheckAsync(member, "/inbox/ID");
        (await member.Page.Context.CookiesAsync()).Select(cookie => cookie.Name).ShouldBe(["tenet_session"]);

        await using var stranger = await chromium.OpenAsync(_host, new BrowserNewContextOptions(look));
        await stranger.BringAxeAsync();
        foreach (var (path, _, _) in Pages.Where(page => !page.SignedIn))
        {
            await stranger.GoAsync(path);
            await CheckAsync(stranger, path);
        }
    }

    private static async Task CheckAsync(Tab tab, string path)
    {
        await Expect(tab.Page.Locator("h1")).ToHaveCountAsync(1);
        await Expect(tab.Page).ToHaveTitleAsync(new Regex(@"\S", RegexOptions.None, TimeSpan.FromSeconds(1)));
        (await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, path);
        await tab.ShouldBeAccessibleAsync();
        tab.ShouldBeQuiet();
    }
}
