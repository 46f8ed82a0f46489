using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Notices;
using Tenet.Tests.Privacy;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>An owner chooses what the workspace promises.</summary>
public sealed class PolicyPageTests(TestCluster cluster, Chromium chromium)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_owner_sees_what_another_policy_changes_and_goes_over_to_it()
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        await using var owner = await chromium.OpenAsync(cluster.Host);
        await owner.SignInAsync(workspace, "owner");
        await owner.GoToConsoleAsync("/policy");
        await Expect(owner.Page.GetByText("Nobody has accepted this version for the workspace yet.")).ToBeVisibleAsync();

        var row = owner.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Customer relations" });
        await row.GetByText("What would change").ClickAsync();
        await Expect(row.Locator("del").First).ToBeVisibleAsync();
        await Expect(row.Locator("ins").First).ToBeVisibleAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Go over to" }).ClickAsync();
        var dialog = owner.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("would no longer be made");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Go over" }).ClickAsync();

        await Expect(owner.Page.Locator(".page-head")).ToContainTextAsync("under “Customer relations");
        await Expect(owner.Page.GetByText("Accepted by Robin owner")).ToBeVisibleAsync();
        owner.ShouldBeQuiet();
    }

    [Fact]
    public async Task A_draft_is_announced_read_accepted_and_takes_effect_on_its_day()
    {
        await using var host = await cluster.StartHostAsync(
            background: false,
            settings: options => options with { Policies = new PolicyOptions("shop") }
        );
        var publish = host.Services.GetRequiredService<PublishPolicy>();
        await publish.RunAsync([File("1", "7 days")], null, Ct);
        var workspace = await host.OpenWorkspaceAsync();
        await using var owner = await chromium.OpenAsync(host);
        await owner.SignInAsync(workspace, "owner");
        await host.AsOwnerAsync<int>(
            "insert into kernel.policy_draft (name, version, files, drafted_at) values ('shop', '2', $1::jsonb, now())",
            PolicyFilesJson.Write([File("2", "9 days")])
        );
        await owner.GoToConsoleAsync("/policy");
        await Expect(owner.Page.Locator("h1")).ToHaveTextAsync("Policy");
        (await owner.Page.GetByText("Version 2").CountAsync()).ShouldBe(0);

        var published = await publish.RunAsync("shop", null, Ct);
        var book = host.Services.GetRequiredService<PolicyBook>();
        await host.Services.GetRequiredService<AnnounceVersion>().RunAsync(workspace.Id, await book.OfAsync(workspace.Id, Ct), Ct);

        published.Policy.Effective.ShouldBeGreaterThanOrEqualTo(DateOnly.FromDateTime(DateTime.UtcNow).AddDays(30));
        (await PublicPagesTests.PageAsync(host, $"/trust/{workspace.Slug}")).ShouldContain("version 2 applies");
        await owner.GoToConsoleAsync("/policy");
        var next = owner.Page.GetByRole(AriaRole.Region, new() { Name = "Version 2 applies from" });
        await Expect(next.GetByRole(AriaRole.Link, new() { Name = "take a copy of all your data" }))
            .ToHaveAttributeAsync("href", "/settings/data");
        await next.Locator("summary").ClickAsync();
        await Expect(next.Locator("del")).ToContainTextAsync("keep 7 days");
        await Expect(next.Locator("ins")).ToContainTextAsync("keep 9 days");
        await next.GetByRole(AriaRole.Button, new() { Name = "Accept 2" }).ClickAsync();
        await Expect(next.GetByText("Accepted by Robin owner")).ToBeVisibleAsync();
        (await book.OfAsync(workspace.Id, Ct)).Version.ShouldBe("1");

        await host.AsOwnerAsync<int>("update kernel.policy_version set effective = current_date where version = '2'");
        book.Forget();
        await owner.GoToConsoleAsync("/policy");

        await Expect(owner.Page.Locator(".page-head")).ToContainTextAsync("“shop” 2");
        await Expect(owner.Page.GetByText("Accepted by Robin owner")).ToBeVisibleAsync();
        (await PublicPagesTests.PageAsync(host, $"/trust/{workspace.Slug}")).ShouldNotContain("version 2 applies");
        owner.ShouldBeQuiet();
    }

    private static (string, byte[]) File(string version, string keep) =>
        (
            "shop.yaml",
            Encoding.UTF8.GetBytes(
                $"""
                policy: shop
                version: {version}
                effective: 2026-01-01
                notice: 30 days
                promises:
                  - id: shop.1
                    says: Events end.
                    claim: retention
                    of: kernel.events
                    keep: {keep}
                  - id: shop.2
                    says: Changes are announced.
                    claim: change_notice
                """
            )
        );
}
