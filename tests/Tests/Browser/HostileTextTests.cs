using Microsoft.Playwright;
using Shouldly;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>Whatever a visitor or a model writes, it is text: in the widget and in the console.</summary>
public sealed class HostileTextTests(TestCluster cluster, Chromium chromium)
{
    private const string Hostile = """
        <script>window.owned = 1</script><img src=x onerror="window.owned = 2"><b>bold</b>
        [press](javascript:window.owned=3) [data](data:text/html,<script>1</script>) ![pixel](http://tracker.example/p.gif)
        """;
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task Hostile_words_are_shown_and_do_nothing()
    {
        var shop = await Shop.OpenAsync(_host);
        await using var model = await _host.UseModelAsync(shop.Workspace, FakeReply.Text(Hostile));
        await using var tab = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(tab);
        await visit.AskAsync(Hostile);
        await Expect(visit.Own).ToContainTextAsync("<script>window.owned = 1</script>");
        await ShouldBeInertAsync(tab, visit.Panel);

        await using var team = await chromium.OpenAsync(_host);
        await team.SignInAsync(shop.Workspace, "agent");
        await team.GoToConsoleAsync("/inbox");
        await team.Page.Locator(".list .row").ClickAsync();

        var thread = team.Page.Locator(".messages");
        await Expect(thread).ToContainTextAsync("<script>window.owned = 1</script>");
        await ShouldBeInertAsync(team, thread);
    }

    private static async Task ShouldBeInertAsync(Tab tab, ILocator where)
    {
        await Expect(where.Locator("script, img, iframe, b:text('bold')")).ToHaveCountAsync(0);
        var links = await where.Locator("a").EvaluateAllAsync<string[]>("all => all.map(a => a.getAttribute('href') ?? '')");
        links.ShouldNotContain(href => href.StartsWith("javascript:") || href.StartsWith("data:"));
        (await tab.Page.EvaluateAsync<bool>("'owned' in window")).ShouldBeFalse();
        tab.ShouldBeQuiet();
    }
}
