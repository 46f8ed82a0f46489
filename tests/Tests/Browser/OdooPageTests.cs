using Microsoft.Playwright;
using Shouldly;
using Tenet.Tests.Inbox;
using Tenet.Tests.Odoo;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>The admin of a connected Odoo sees what the copilot did in numbers, and switches it.</summary>
public sealed class OdooPageTests(TestCluster cluster, Chromium chromium)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task An_admin_switches_an_action_off_makes_it_read_only_and_stops_the_copilot(ColorScheme scheme, int width)
    {
        var host = cluster.Host;
        await using var odoo = await FakeOdoo.StartAsync();
        _ = new FakeWrites(odoo);
        using var tenant = await OdooTenant.ConnectAsync(host, odoo);
        await using var model = await host.UseModelAsync(tenant.Workspace, FakeReply.Text("Please look."));
        model.Then(FakeReply.Call("update_record", """{"model":"res.partner","ids":[7],"values":{"phone":"+49 30 2"}}"""));
        var grant = (await tenant.GrantAsync(7)).Sid;
        (await tenant.AskAsync(7, grant, "Change it")).All("approval").ShouldHaveSingleItem();
        // Its host was killed while Odoo worked.
        await host.AsOwnerAsync<int>(
            "update odoo.approval set state = 'unknown', fault = 'lost', decided_at = now() where workspace_id = $1 returning 1",
            tenant.Workspace.Id
        );
        using var help = await tenant.SendAsync(
            HttpMethod.Post,
            "/api/copilot/help",
            tenant.Token(7, grant),
            new { session = Guid.NewGuid() }
        );
        var options = new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
        };
        await using var admin = await chromium.OpenAsync(host, options);
        await admin.BringAxeAsync();
        await admin.SignInAsync(tenant.Workspace, "admin");
        await admin.GoToConsoleAsync("/odoo");
        var page = admin.Page;
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What it may do" })).ToBeVisibleAsync();
        await Expect(page.GetByText("1 proposed, 0 approved and done, 0 declined, 0 approved and not done; of 1 it is not known"))
            .ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Done or not: not known" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Asked for a person" })).ToBeVisibleAsync();
        await LookAsync(admin, $"odoo-{width}", scheme);

        await page.GetByLabel("Changes fields of records").SelectOptionAsync("off");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await tenant.AskAsync(7, grant, "Hello");
        model.Requests[^1].Body.ShouldNotContain("\"update_record\"");
        model.Requests[^1].Body.ShouldContain("\"post_message\"");

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop the copilot" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Let it answer again" })).ToBeVisibleAsync();
        (await tenant.AskAsync(7, grant, "Hello")).Status.ShouldBe(403);
        await LookAsync(admin, $"odoo-stopped-{width}", scheme);
        await page.GetByRole(AriaRole.Button, new() { Name = "Let it answer again" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Stop the copilot" })).ToBeVisibleAsync();
        (await tenant.AskAsync(7, grant, "Hello")).Last.ShouldBe("done");
        admin.ShouldBeQuiet();
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
