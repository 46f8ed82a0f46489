using Microsoft.Playwright;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>An owner takes the workspace's data along, closes it and opens it again; an admin rehearses a breach.</summary>
public sealed class LifecycleTests(TestCluster cluster, Chromium chromium)
{
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task An_owner_takes_everything_along_closes_the_workspace_and_reopens_it()
    {
        var shop = await Shop.OpenAsync(_host);
        await using var owner = await chromium.OpenAsync(_host);
        await owner.SignInAsync(shop.Workspace, "owner");
        await owner.GoToConsoleAsync("/settings/data");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Make a copy" }).ClickAsync();
        var download = await owner.Page.RunAndWaitForDownloadAsync(() =>
            owner.Page.GetByRole(AriaRole.Button, new() { Name = "Download workspace.json" }).ClickAsync(new() { Timeout = 60_000 })
        );
        var text = await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        text.ShouldContain("\"format\":1");

        await owner.GoToConsoleAsync("/settings/data");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Close the workspace" }).First.ClickAsync();
        var dialog = owner.Page.GetByRole(AriaRole.Dialog);
        var close = dialog.GetByRole(AriaRole.Button, new() { Name = "Close the workspace" });
        await Expect(close).ToBeDisabledAsync();
        await dialog.GetByRole(AriaRole.Textbox).FillAsync("DELETE");
        await close.ClickAsync();

        await Expect(owner.Page.Locator("h1")).ToHaveTextAsync("This workspace is closed");
        await owner.GoAsync("/inbox");
        await Expect(owner.Page.Locator("h1")).ToHaveTextAsync("This workspace is closed");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Reopen the workspace" }).ClickAsync();
        await Expect(owner.Page.Locator(".list")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_admin_rehearses_a_breach_from_suspicion_to_its_end()
    {
        var shop = await Shop.OpenAsync(_host);
        await using var admin = await chromium.OpenAsync(_host);
        await admin.SignInAsync(shop.Workspace, "admin");
        await admin.GoToConsoleAsync("/breaches");
        await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Start a drill" }).ClickAsync();
        await admin.Page.GetByLabel("In a few words").FillAsync("A mail to everybody");
        await admin.Page.GetByLabel("What happened").FillAsync("All addresses stood in the head of a mail.");
        await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Report", Exact = true }).ClickAsync();
        await Expect(admin.Page.Locator("h1")).ToContainTextAsync("Drill 1");
        await admin.Page.GetByRole(AriaRole.Button, new() { Name = "The authority was told" }).ClickAsync();
        await Expect(admin.Page.Locator(".definition").First).ToContainTextAsync("told on");
        await admin.Page.GetByLabel("Measures").FillAsync("The mail was called back.");
        foreach (var state in new[] { "confirmed", "contained", "mitigated", "closed" })
        {
            await admin.Page.GetByRole(AriaRole.Button, new() { Name = "It is " + state }).ClickAsync();
            await Expect(admin.Page.Locator(".steps [aria-current]")).ToHaveTextAsync(state, new() { IgnoreCase = true });
        }
        await Expect(admin.Page.GetByRole(AriaRole.Link, new() { Name = "Report as PDF" })).ToBeVisibleAsync();
    }
}
