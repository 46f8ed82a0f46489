using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Billing;
using Tenet.Tests.Inbox;
using Tenet.Tests.Odoo;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

public sealed class CreditsTests(TestCluster cluster, Chromium chromium)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task An_owner_buys_credits_sees_them_spent_and_prints_the_receipt(ColorScheme scheme, int width)
    {
        await using var payments = await FakePayments.StartAsync();
        await using var host = await cluster.StartHostAsync(settings: options => options with { Billing = payments.Options });
        host.Services.GetRequiredService<Egress>().AllowLoopback(payments.Address.Authority);
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(host, odoo);
        await using var model = await host.UseModelAsync(tenant.Workspace, FakeReply.Text("Fine."));
        var look = new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
        };
        // Goes to the provider's page, and so to a stranger; the other one must not.
        await using var buyer = await chromium.OpenAsync(host, look);
        await buyer.SignInAsync(tenant.Workspace, Access.Owner);
        await using var tab = await chromium.OpenAsync(host, look);
        await tab.BringAxeAsync();
        await tab.SignInAsync(tenant.Workspace, Access.Owner);
        var page = tab.Page;
        await buyer.Page.RouteAsync(
            "https://checkout.stripe.com/**",
            route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<title>Pay</title><h1>Card number</h1>" })
        );

        await tab.GoToConsoleAsync("/credits");
        await Expect(page.GetByText("None yet. Each purchase")).ToBeVisibleAsync();
        await LookAsync(tab, "credits-empty", scheme, width);
        await buyer.GoToConsoleAsync("/credits");
        await buyer.Page.GetByRole(AriaRole.Button, new() { Name = "Buy Small with Stripe" }).ClickAsync();
        await Expect(buyer.Page.GetByRole(AriaRole.Heading, new() { Name = "Card number" })).ToBeVisibleAsync();
        var purchase = await host.AsOwnerAsync<Guid>("select id from billing.purchase where workspace_id = $1", tenant.Workspace.Id);
        await tab.GoToConsoleAsync($"/credits?purchase={purchase}");
        await Expect(page.GetByText("We wait for the provider's word")).ToBeVisibleAsync();
        using (var client = host.Client())
        {
            (await client.SendAsync(payments.Notice("stripe", "paid", 1900), _ct)).EnsureSuccessStatusCode();
        }
        // The page sees it by itself.
        await Expect(page.GetByText("100 credits were booked")).ToBeVisibleAsync();
        var grant = await tenant.GrantAsync(2);
        (await tenant.AskAsync(2, grant.Sid, "How are you?", ct: _ct)).LastData["credits_left"]!.GetValue<int>().ShouldBe(99);

        await tab.GoToConsoleAsync("/credits");
        await Expect(page.GetByText("99", new() { Exact = true })).ToBeVisibleAsync();
        await LookAsync(tab, "credits", scheme, width);
        await page.Locator("a[href^='/credits/receipts/']").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Receipt", Exact = true })).ToBeVisibleAsync();
        await LookAsync(tab, "receipt", scheme, width);
        await tab.GoToConsoleAsync("/odoo/usage");
        await Expect(page.GetByText("1 question, 1 charged")).ToBeVisibleAsync();
        await LookAsync(tab, "usage", scheme, width);
    }

    private static async Task LookAsync(Tab tab, string name, ColorScheme scheme, int width)
    {
        await tab.ShouldBeAccessibleAsync();
        (await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, name);
        if (Environment.GetEnvironmentVariable("TENET_PICTURES") is { Length: > 0 } folder)
        {
            await tab.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{scheme}-{width}.png"), FullPage = true });
        }
    }
}
