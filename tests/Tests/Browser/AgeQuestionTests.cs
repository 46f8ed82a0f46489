using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

public sealed class AgeQuestionTests(TestCluster cluster, Chromium chromium) : IAsyncLifetime
{
    private const string Policy = """
        policy: shop
        version: 1
        effective: 2026-01-01
        notice: 30 days
        promises:
          - id: shop.1
            says: The chat is not for people under 16.
            claim: age_gate
            age: 16
            asked: always
        """;

    private TestHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await cluster.StartHostAsync(settings: options => options with { Policies = new PolicyOptions("shop") });
        await _host
            .Services.GetRequiredService<PublishPolicy>()
            .RunAsync([("shop.yaml", Encoding.UTF8.GetBytes(Policy))], null, CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Who_is_old_enough_chats_and_who_is_not_leaves_nothing(int width)
    {
        var shop = await Shop.OpenAsync(_host);
        var look = new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
        };
        await using (var young = await chromium.OpenAsync(_host, new BrowserNewContextOptions(look)))
        {
            await young.BringAxeAsync();
            var refused = await shop.VisitAsync(young);
            await refused.OpenAsync();
            await Expect(refused.Panel).ToContainTextAsync("how old are you?");
            await Expect(refused.Field).ToBeHiddenAsync();
            await young.ShouldBeAccessibleAsync();
            await refused.Panel.GetByRole(AriaRole.Button, new() { Name = "Younger than 16" }).ClickAsync();

            await Expect(refused.Panel).ToContainTextAsync("We have kept nothing");
            await Expect(refused.Field).ToBeHiddenAsync();
            await young.ShouldBeAccessibleAsync();
            // Loading the page again does not let them try another answer.
            await young.Page.ReloadAsync();
            await Expect(refused.Panel).ToContainTextAsync("We have kept nothing");
            (await young.Page.EvaluateAsync<int>("localStorage.length")).ShouldBe(0);
            young.ShouldBeQuiet();
        }
        (await _host.AsOwnerAsync<long>("select count(*) from inbox.visitor where workspace_id = $1", shop.Workspace.Id)).ShouldBe(0);

        await using var tab = await chromium.OpenAsync(_host, look);
        var visit = await shop.VisitAsync(tab);
        await visit.OpenAsync();
        await visit.Panel.GetByRole(AriaRole.Button, new() { Name = "16 or older" }).ClickAsync();
        await visit.SayAsync("Can I exchange it?");
        await Expect(visit.Answers).ToHaveCountAsync(1);
        await tab.Page.ReloadAsync();
        await Expect(visit.Answers).ToHaveCountAsync(1);
        await Expect(visit.Panel).Not.ToContainTextAsync("how old are you?");
        tab.ShouldBeQuiet();
    }
}
