using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Browser;

/// <summary>What a member does on the console's pages.</summary>
public sealed class ConsoleTests(TestCluster cluster, Chromium chromium)
{
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task A_mailed_link_signs_in_through_the_pages_a_person_sees()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var address = $"{Guid.CreateVersion7():N}@example.org";
        await _host.JoinAsync(workspace, "agent", address);
        await using var tab = await chromium.OpenAsync(_host);
        await tab.GoAsync("/members");
        await tab.Page.GetByLabel("E-mail").FillAsync(address);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send me a link" }).ClickAsync();
        await tab.Page.WaitForURLAsync("**/sign-in/sent");
        await _host.NextLinkAsync(address, TestContext.Current.CancellationToken);

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "development mailbox" }).ClickAsync();
        await tab.Page.Locator("article", new() { HasTextString = address }).GetByRole(AriaRole.Link).First.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await tab.Page.WaitForURLAsync("**/members");
        await Expect(tab.Page.Locator("table")).ToContainTextAsync(address);
        var cookie = (await tab.Page.Context.CookiesAsync()).ShouldHaveSingleItem();
        cookie.HttpOnly.ShouldBeTrue();
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task The_preview_follows_what_is_typed_and_saving_reaches_the_site()
    {
        var shop = await Shop.OpenAsync(_host);
        await using var tab = await chromium.OpenAsync(_host);
        await tab.SignInAsync(shop.Workspace, "admin");
        await tab.GoToConsoleAsync("/widget");

        await tab.Page.GetByLabel("Greeting").FillAsync("Ask me about lamps.");
        await Expect(tab.Page.Locator(".preview")).ToContainTextAsync("Ask me about lamps.");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(tab.Page.Locator(".notice")).ToContainTextAsync("Saved");

        await using var visitor = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(visitor);
        await visit.OpenAsync();
        await Expect(visit.Panel).ToContainTextAsync("Ask me about lamps.");
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task Who_is_invited_stands_in_the_list_and_in_the_audit_log()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await using var tab = await chromium.OpenAsync(_host);
        var owner = await tab.SignInAsync(workspace, "owner");
        await tab.GoToConsoleAsync("/members");

        await tab.Page.GetByLabel("E-mail").FillAsync("new@example.org");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send invitation" }).ClickAsync();
        await Expect(tab.Page.Locator("table").Last).ToContainTextAsync("new@example.org");

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Audit log" }).ClickAsync();
        await tab.Page.WaitForURLAsync("**/audit-log**");
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Audit log" })).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("tbody")).ToContainTextAsync("invit");
        await Expect(tab.Page.Locator("tbody")).ToContainTextAsync(owner.Member.Name);
        await Expect(tab.Page.Locator("tbody")).Not.ToContainTextAsync("new@example.org");
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task A_website_is_added_read_and_asked()
    {
        _host.Services.GetRequiredService<Egress>().AllowLoopback(_host.Address.Authority);
        await using var tab = await chromium.OpenAsync(_host);
        await tab.SignInAsync(await _host.OpenWorkspaceAsync(), "admin");
        await tab.GoToConsoleAsync("/knowledge");

        await tab.Page.GetByLabel("Address").FillAsync(new Uri(_host.Address, "/demo/").AbsoluteUri);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Assertions.Expect(tab.Page).ToHaveURLAsync(new Regex("/knowledge/sources/", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Expect(tab.Page.Locator("table")).ToContainTextAsync("/demo/returns");

        await tab.GoToConsoleAsync("/knowledge/try");
        await Expect(async () =>
        {
            await tab.Page.GetByLabel("Question").FillAsync("Can I exchange an item?");
            await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
            await Expect(tab.Page.Locator("article").First).ToContainTextAsync("/demo/returns#exchange", new() { Timeout = 2_000 });
        });
        tab.ShouldBeQuiet();
    }

    private static async Task Expect(Func<Task> attempt)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await attempt();
                return;
            }
            catch (PlaywrightException) when (tries < 15)
            {
                // The last pages are still being read.
            }
        }
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
