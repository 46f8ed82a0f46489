using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tenet.Kernel.Http;
using Tenet.Tests.Privacy;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

public sealed class AlertsPageTests(TestCluster cluster, Chromium chromium)
{
    [Fact]
    public async Task An_owner_sets_an_address_for_alerts_tries_it_and_removes_it()
    {
        await using var receiver = await AlertReceiver.StartAsync();
        cluster.Host.Services.GetRequiredService<Egress>().AllowLoopback(receiver.Address.Authority);
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        await using var owner = await chromium.OpenAsync(cluster.Host);
        await owner.BringAxeAsync();
        await owner.SignInAsync(workspace, "owner");
        await owner.GoToConsoleAsync("/policy/alerts");

        await owner.Page.GetByLabel("Address").FillAsync("https://10.0.0.1/alerts");
        await Button(owner, "Set the address").ClickAsync();
        await Expect(owner.Page.GetByText("An https address on the public internet")).ToBeVisibleAsync();
        await owner.Page.GetByLabel("Address").FillAsync(receiver.Address.AbsoluteUri);
        await Button(owner, "Set the address").ClickAsync();
        await Expect(owner.Page.Locator(".snippet")).ToContainTextAsync("whsec_");
        await Button(owner, "Send a test").ClickAsync();

        await Expect(owner.Page.Locator("table")).ToContainTextAsync("delivered");
        await owner.ShouldBeAccessibleAsync();
        await owner.Page.ReloadAsync();
        await Expect(owner.Page.GetByText("Events go to 127.0.0.1")).ToBeVisibleAsync();
        await Expect(owner.Page.Locator(".snippet")).ToHaveCountAsync(0);
        await owner.GoToConsoleAsync("/policy/alerts");
        await Button(owner, "Remove").ClickAsync();
        await owner.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(owner.Page.GetByText("Send events to a program of yours")).ToBeVisibleAsync();
        owner.ShouldBeQuiet();
    }

    private static ILocator Button(Tab tab, string name) => tab.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
}
