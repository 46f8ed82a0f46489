using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Billing;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

public sealed class ChargedTurnTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Totals = """{"model":"sale.order","domain":[],"group_by":["state"],"measures":["amount_total:sum","count"]}""";
    private TestHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await cluster.StartHostAsync(settings: options => Selling(options, welcome: 2));

    /// <summary>An installation that sells credits, and gives each workspace some to begin with.</summary>
    internal static TenetOptions Selling(TenetOptions options, int welcome) =>
        options with
        {
            Billing = new BillingOptions
            {
                Packages =
                [
                    new CreditPackage
                    {
                        Id = "small",
                        Name = "Small",
                        Credits = 100,
                        Price = 1900,
                        Currency = "EUR",
                    },
                ],
                WelcomeCredits = welcome,
            },
        };

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Answers_cost_a_credit_failures_and_figures_from_nowhere_cost_none_and_without_credits_no_model_is_called()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Text("Fine."));
        var grant = await tenant.GrantAsync(2);

        // A figure that Odoo never said.
        model.Then(FakeReply.Call("aggregate", Totals), FakeReply.Text("That is 123,456.00 USD [1]."));
        var ungrounded = await tenant.AskAsync(2, grant.Sid, "How much?");
        ungrounded.LastData["state"]!.GetValue<string>().ShouldBe("ungrounded", ungrounded.Body);
        ungrounded.LastData["charged"]!.GetValue<int>().ShouldBe(0);
        ungrounded.LastData["credits_left"]!.GetValue<int>().ShouldBe(2);

        odoo.Mood = OdooMood.Maintenance;
        model.Then(FakeReply.Call("aggregate", Totals));
        (await tenant.AskAsync(2, grant.Sid, "How much?")).Last.ShouldBe("error");
        odoo.Mood = OdooMood.Well;

        foreach (var left in new[] { 1, 0 })
        {
            var answered = await tenant.AskAsync(2, grant.Sid, "How are you?");
            answered.LastData["charged"]!.GetValue<int>().ShouldBe(1, answered.Body);
            answered.LastData["credits_left"]!.GetValue<int>().ShouldBe(left);
        }

        var calls = model.Requests.Count;
        var refused = await tenant.AskAsync(2, grant.Sid, "And now?");
        refused.Status.ShouldBe(402);
        refused.Body.ShouldContain("no_credits");
        model.Requests.Count.ShouldBe(calls);

        using var answer = await tenant.SendAsync(HttpMethod.Get, "/api/copilot/credits", tenant.Token(2, grant.Sid));
        var credits = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        credits["left"]!.GetValue<int>().ShouldBe(0);
        credits["used_30_days"]!.GetValue<int>().ShouldBe(2);
        credits["buy_url"]!.GetValue<string>().ShouldEndWith("/credits");
    }

    [Fact]
    public async Task Where_nothing_is_sold_turns_are_free_and_say_so()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(cluster.Host, odoo);
        await using var model = await cluster.Host.UseModelAsync(tenant.Workspace, FakeReply.Text("Fine."));
        var grant = await tenant.GrantAsync(2);

        var turn = await tenant.AskAsync(2, grant.Sid, "How are you?");

        turn.LastData["charged"]!.GetValue<int>().ShouldBe(0);
        turn.LastData["credits_left"].ShouldBeNull();
        using var answer = await tenant.SendAsync(HttpMethod.Get, "/api/copilot/credits", tenant.Token(2, grant.Sid));
        (await answer.Content.ReadAsStringAsync()).ShouldBe("""{"left":null,"used_30_days":0,"buy_url":null}""");
    }
}
