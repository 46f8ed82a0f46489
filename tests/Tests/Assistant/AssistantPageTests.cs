using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Assistant;
using Tenet.Kernel.Http;
using Tenet.Knowledge;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Assistant;

public sealed class AssistantPageTests(TestCluster cluster)
{
    [Fact]
    public async Task Admin_chooses_a_model_tests_its_key_saves_and_asks_in_the_test_bench()
    {
        FindPassages find = (_, _, _, _) => Task.FromResult<IReadOnlyList<Passage>>([TurnHarness.Shipping, TurnHarness.Returns]);
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton(find));
        await using var server = await FakeModelServer.StartAsync();
        server.Default = FakeReply.Text("It takes **2 to 3 days** [1].");
        server.Key = "sk-secret-9876";
        host.Services.GetRequiredService<Egress>().AllowLoopback($"127.0.0.1:{server.Address.Port}");
        var member = await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Admin);

        Assertions.SetDefaultExpectTimeout(30_000);
        using var playwright = await Playwright.CreateAsync();
        var launch = new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox"] };
        await using var browser = await playwright.Chromium.LaunchAsync(launch);
        var context = await browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                ViewportSize = new() { Width = 1400, Height = 1000 },
            }
        );
        var cookie = member.Cookie.Split('=', 2);
        await context.AddCookiesAsync([
            new Cookie
            {
                Name = cookie[0],
                Value = cookie[1],
                Url = host.Address.AbsoluteUri,
            },
        ]);
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(host.Address, "/assistant").AbsoluteUri, new() { WaitUntil = WaitUntilState.NetworkIdle });

        // The page is drawn before it listens.
        while (!await page.Locator("#key").IsVisibleAsync())
        {
            await page.GetByText("Your own server").ClickAsync();
            await page.WaitForTimeoutAsync(200);
        }
        await page.Locator("#model").FillAsync("fake");
        await page.Locator("#address").FillAsync(server.OpenAi.AbsoluteUri);
        await page.Locator("#key").FillAsync("sk-wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test this key" }).ClickAsync();
        await Assertions.Expect(page.GetByText("refused the key")).ToBeVisibleAsync();
        await page.Locator("#key").FillAsync(server.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Test this key" }).ClickAsync();
        await Assertions.Expect(page.GetByText("It works: fake answered")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Saved. The next question")).ToBeVisibleAsync();
        (await page.Locator("#key").GetAttributeAsync("placeholder")).ShouldBe("•••••••• 9876");
        (await page.ContentAsync()).ShouldNotContain(server.Key);

        await page.Locator("#bench-question").FillAsync("How long does delivery take?");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".answer .badge").First).ToHaveTextAsync("1");
        await Assertions.Expect(page.Locator(".answer b", new() { HasText = "2 to 3 days" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".answer a")).ToHaveAttributeAsync("href", TurnHarness.Shipping.Url);
        await page.Locator("details.receipt summary").ClickAsync();
        await Assertions.Expect(page.GetByText("fake (Your own server)")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("29 of 500,000 tokens")).ToBeVisibleAsync();
    }
}
