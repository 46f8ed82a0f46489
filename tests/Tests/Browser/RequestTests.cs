using System.IO.Compression;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

public sealed class RequestTests(TestCluster cluster, Chromium chromium)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task A_person_asks_for_their_data_the_team_sends_it_and_it_is_downloaded(ColorScheme scheme, int width)
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var email = $"{Guid.NewGuid():N}@example.org";
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        await visitor.SayAsync("Is Zermatt far?");
        await host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            ctx => ctx.ExecuteAsync($"update inbox.visitor set email = {email} where id = {visitor.VisitorId}", _ct),
            _ct
        );
        var options = new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
        };
        await using var person = await chromium.OpenAsync(host, options);
        await person.BringAxeAsync();
        var page = person.Page;

        await person.GoAsync($"/trust/{workspace.Slug}/requests");
        await LookAsync(person, "form", scheme);
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the request" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Look into your mailbox" })).ToBeVisibleAsync();
        await person.GoAsync((await host.NextLinkAsync(email, _ct)).AbsolutePath);
        await LookAsync(person, "confirm", scheme);
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, this request is mine" }).ClickAsync();
        await Expect(page.GetByText("confirmed")).ToBeVisibleAsync();
        await LookAsync(person, "status", scheme);

        await using var desk = await chromium.OpenAsync(host, options);
        await desk.BringAxeAsync();
        await desk.SignInAsync(workspace, Access.Owner);
        await desk.GoToConsoleAsync("/rights");
        await Expect(desk.Page.GetByRole(AriaRole.Link, new() { Name = "Access", Exact = true })).ToBeVisibleAsync();
        await LookAsync(desk, "board", scheme);
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "Access", Exact = true }).ClickAsync();
        await Expect(desk.Page.GetByText("inbox.message")).ToBeVisibleAsync();
        await LookAsync(desk, "request", scheme);
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Send the copy" }).ClickAsync();
        await desk.Page.GetByLabel("A word to the person").FillAsync("Here you are.");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Send the copy" }).ClickAsync();
        await Expect(desk.Page.GetByText("The letter with the link is on its way.")).ToBeVisibleAsync();
        await desk.GoToConsoleAsync("/rights/people");
        await desk.Page.GetByLabel("Who").FillAsync(email);
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        await Expect(desk.Page.GetByText("Visitor of the website")).ToBeVisibleAsync();
        await LookAsync(desk, "people", scheme);
        await desk.GoToConsoleAsync("/account/privacy");
        await LookAsync(desk, "account", scheme);

        var copy = await host.NextLinkAsync(email, "/privacy/exports/", _ct);
        // The letter goes out with the decision; the page waits for the copy by itself.
        await host.WaitUntilAsync("select state = 'ready' from privacy.person_export where workspace_id = $1", workspace.Id);
        await person.GoAsync(copy.AbsolutePath);
        await LookAsync(person, "download", scheme);
        var downloading = page.WaitForDownloadAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Download your data" }).ClickAsync();
        await using var file = await (await downloading).CreateReadStreamAsync();
        using var copied = new MemoryStream();
        await file.CopyToAsync(copied, _ct);
        using var zip = new ZipArchive(copied);
        using var reader = new StreamReader(zip.GetEntry("index.html")!.Open());
        (await reader.ReadToEndAsync(_ct)).ShouldContain("Is Zermatt far?");
        await person.GoAsync(copy.AbsolutePath);
        await Expect(page.GetByText("used already")).ToBeVisibleAsync();
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
