using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Breaches;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>An admin sends the notice of a breach to the people concerned, and the operator tells the workspace of one of its own.</summary>
public sealed class BreachNoticeTests(TestCluster cluster, Chromium chromium)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task An_admin_counts_the_letters_types_SEND_and_sees_them_go(ColorScheme scheme, int width)
    {
        await using var host = await cluster.StartHostAsync();
        var workspace = await host.OpenWorkspaceAsync();
        await host.AsOwnerAsync<object>(
            """
            insert into inbox.visitor (workspace_id, id, email, language, created_at, seen_at)
            select $1, gen_random_uuid(), case when n <= 3 then 'kim' || n || '@example.org' end, 'de', now(), now() from generate_series(1, 5) n
            """,
            workspace.Id
        );
        await host.JoinAsync(workspace, Access.Owner, "owner@example.org");
        var breaches = host.Services.GetRequiredService<OperatorBreaches>();
        var number = await breaches.OpenAsync(
            new NewOperatorBreach("Backup seen", "A copy of the database lay open for an hour.", [workspace.Slug], ["inbox"]),
            _ct
        );
        await breaches.AdvanceAsync(number, "Two machines fetched it.", _ct);
        await breaches.TellAsync(number, null, _ct);
        await using var tab = await chromium.OpenAsync(
            host,
            new BrowserNewContextOptions
            {
                ColorScheme = scheme,
                ViewportSize = new ViewportSize { Width = width, Height = 800 },
            }
        );
        await tab.BringAxeAsync();
        await tab.SignInAsync(workspace, Access.Admin);
        var page = tab.Page;
        await tab.GoToConsoleAsync("/breaches");
        await page.GetByRole(AriaRole.Link, new() { Name = "Backup seen" }).ClickAsync();
        await Expect(page.GetByText("It happened at the operator, who says how far it is.")).ToBeVisibleAsync();
        await LookAsync(tab, "breach-part", scheme, width);
        await page.GetByLabel("Measures").FillAsync("The copy was deleted.");
        await page.GetByLabel("What people can do").FillAsync("Beware of letters that ask for money.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("To the people concerned, in Deutsch").ClickAsync();
        await Expect(page.GetByText("Was Sie tun können")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Count the letters" }).ClickAsync();
        await Expect(page.GetByText("3 letters")).ToBeVisibleAsync();
        await LookAsync(tab, "breach-count", scheme, width);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the notice" }).ClickAsync();
        await page.GetByLabel("Type SEND to confirm").FillAsync("SEND");
        await LookAsync(tab, "breach-confirm", scheme, width);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();

        // The page sees it by itself.
        await Expect(page.GetByText("Letters handed to the mail relay: 3.").First).ToBeVisibleAsync();
        await LookAsync(tab, "breach-sent", scheme, width);
    }

    private static async Task LookAsync(Tab tab, string name, ColorScheme scheme, int width)
    {
        await tab.ShouldBeAccessibleAsync();
        if (Environment.GetEnvironmentVariable("TENET_PICTURES") is { Length: > 0 } folder)
        {
            await tab.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{scheme}-{width}.png"), FullPage = true });
        }
    }
}
