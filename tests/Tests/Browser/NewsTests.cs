using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

public sealed class NewsTests(TestCluster cluster, Chromium chromium)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task A_person_asks_for_news_confirms_it_and_ends_it(ColorScheme scheme, int width)
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var email = $"{Guid.NewGuid():N}@example.org";
        var options = new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
        };
        await using var person = await chromium.OpenAsync(host, options);
        await person.BringAxeAsync();
        var page = person.Page;

        await person.GoAsync($"/trust/{workspace.Slug}/news");
        await LookAsync(person, "news-form", scheme);
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, write to me" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Look into your mailbox" })).ToBeVisibleAsync();
        await LookAsync(person, "news-sent", scheme);
        await person.GoAsync((await host.NextLinkAsync(email, "/privacy/news/", _ct)).AbsolutePath);
        await LookAsync(person, "news-confirm", scheme);
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are on the list" })).ToBeVisibleAsync();
        await LookAsync(person, "news-on", scheme);

        await using var desk = await chromium.OpenAsync(host, options);
        await desk.BringAxeAsync();
        await desk.SignInAsync(workspace, Access.Owner);
        await desk.GoToConsoleAsync("/rights/marketing");
        await Expect(desk.Page.GetByText(email).First).ToBeVisibleAsync();
        await LookAsync(desk, "news-list", scheme);
        await desk.GoToConsoleAsync("/policy/records");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Stop News by e-mail" }).ClickAsync();
        await desk.Page.GetByLabel("Why the basis is gone").FillAsync("We send no news any more.");
        await LookAsync(desk, "stopping", scheme);
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Stop it now" }).ClickAsync();
        await Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Go on with News by e-mail" })).ToBeVisibleAsync();
        await LookAsync(desk, "stopped", scheme);

        await page.GetByRole(AriaRole.Button, new() { Name = "Write to me no more" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are off the list" })).ToBeVisibleAsync();
        await LookAsync(person, "news-ended", scheme);
    }

    private static async Task LookAsync(Tab tab, string name, ColorScheme scheme)
    {
        await tab.ShouldBeAccessibleAsync();
        (await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, name);
        if (Environment.GetEnvironmentVariable("TENET_PICTURES") is { Length: > 0 } folder)
        {
            await tab.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{scheme}.png"), FullPage = true });
        }
    }
}
