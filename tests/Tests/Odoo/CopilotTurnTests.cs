using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Odoo;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

public sealed class CopilotTurnTests(TestCluster cluster)
{
    private const string Totals = """{"model":"sale.order","domain":[],"group_by":["state"],"measures":["amount_total:sum","count"]}""";

    private readonly TestHost _host = cluster.Host;

    [Theory]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(19)]
    public async Task A_question_is_answered_from_the_users_own_Odoo(int version)
    {
        await using var odoo = await FakeOdoo.StartAsync(version);
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        var sold = Recordings.Find(version, "sale-order-read_group-anna")!["response"]!["body"]!["result"]!
            .AsArray()
            .Single(group => group!["state"]!.GetValue<string>() == "sale")!["amount_total"]!
            .GetValue<decimal>()
            .ToString("N2", CultureInfo.InvariantCulture);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Text("Confirmed orders: ", sold + " USD [1]."));
        model.Then(FakeReply.Call("aggregate", Totals));
        var anna = Recordings.Uid(version, "anna");
        var grant = await tenant.GrantAsync(anna);

        var turn = await tenant.AskAsync(anna, grant.Sid, "How much did we sell?");

        turn.Text.ShouldBe($"Confirmed orders: {sold} USD [1].");
        turn.Last.ShouldBe("done", turn.Body);
        turn.LastData["state"]!.GetValue<string>().ShouldBe("answered");
        turn.LastData["title"]!.GetValue<string>().ShouldBe("Sales");
        var source = turn.All("source").ShouldHaveSingleItem();
        source["kind"]!.GetValue<string>().ShouldBe("aggregate");
        source["model"]!.GetValue<string>().ShouldBe("sale.order");
        turn.All("notice").Single()["code"]!.GetValue<string>().ShouldBe("may_not_see_all");
        var receipt = turn.All("receipt").Single();
        receipt["stored"]!.AsArray().ShouldBeEmpty();
        receipt["sent"]![0]!["fields"]!.AsArray().Select(f => f!.GetValue<string>()).ShouldBe(["amount_total:sum", "count"]);
        odoo.Calls.Single().Uid.ShouldBe(anna);
        odoo.Messages.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_addon_that_knows_only_the_older_revision_is_spoken_to_in_it()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        odoo.IsOld = true;
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Text("Fine."));
        model.Then(FakeReply.Call("aggregate", Totals));
        var grant = await tenant.GrantAsync(2);

        (await tenant.AskAsync(2, grant.Sid, "How much?")).Last.ShouldBe("done");

        odoo.Methods.ShouldBe(["tools/call", "initialize", "notifications/initialized", "tools/call"]);
    }

    [Theory]
    [InlineData("Together that is 1,518.00 USD [1].", "answered")]
    [InlineData("Zusammen 1.518 USD [1].", "answered")]
    [InlineData("Together that is 1,519.00 USD [1].", "ungrounded")]
    [InlineData("About 29 percent more [1].", "ungrounded")]
    [InlineData("1. Orders\n2. Quotations", "answered")]
    public async Task A_figure_that_did_not_come_from_Odoo_is_told(string answer, string state)
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Text(answer));
        model.Then(FakeReply.Call("aggregate", Totals));
        var anna = Recordings.Uid(18, "anna");
        var grant = await tenant.GrantAsync(anna);

        (await tenant.AskAsync(anna, grant.Sid, "How much?")).LastData["state"]!.GetValue<string>().ShouldBe(state);
    }

    [Theory]
    [InlineData("Maintenance", "odoo_maintenance")]
    [InlineData("HtmlPage", "odoo_maintenance")]
    [InlineData("Huge", "odoo_too_large")]
    [InlineData("Redirect", "odoo_not_installed")]
    [InlineData("NotInstalled", "odoo_not_installed")]
    [InlineData("Refusing", "odoo_refused")]
    [InlineData("ErrorWith200", "odoo_protocol")]
    [InlineData("NoJson", "odoo_protocol")]
    [InlineData("Gone", "odoo_unreachable")]
    public async Task An_Odoo_that_fails_is_told_as_what_it_is(string mood, string code)
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Call("aggregate", Totals));
        var grant = await tenant.GrantAsync(2);
        odoo.Mood = Enum.Parse<OdooMood>(mood);

        var turn = await tenant.AskAsync(2, grant.Sid, "How much?");

        turn.Last.ShouldBe("error", turn.Body);
        turn.LastData["code"]!.GetValue<string>().ShouldBe(code);
        turn.LastData["text"]!.GetValue<string>().ShouldBe(CopilotText.Of(code, "en"));
        (
            await _host.AsOwnerAsync<string>("select state || ' ' || fault from odoo.turn where workspace_id = $1", tenant.Workspace.Id)
        ).ShouldBe("failed " + code);
    }

    [Fact]
    public async Task An_Odoo_inside_the_operators_network_is_not_called()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Call("aggregate", Totals));
        await _host.AsOwnerAsync<int>(
            "update odoo.tenant set url = 'https://10.1.2.3' where workspace_id = $1 returning 1",
            tenant.Workspace.Id
        );
        var grant = await tenant.GrantAsync(2);

        var turn = await tenant.AskAsync(2, grant.Sid, "How much?");

        turn.LastData["code"]!.GetValue<string>().ShouldBe("odoo_address");
    }

    [Fact]
    public async Task A_model_that_calls_unknown_tools_writes_or_loops_gets_nowhere()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Call("list_models", "{}"));
        model.Then(
            FakeReply.Call("delete_everything", "{}"),
            FakeReply.Call("update_record", """{"model":"res.partner","mode":"execute"}""")
        );
        var grant = await tenant.GrantAsync(2);

        var turn = await tenant.AskAsync(2, grant.Sid, "Delete all.");

        turn.LastData["code"]!.GetValue<string>().ShouldBe("too_many_steps");
        odoo.Calls.ShouldAllBe(call => call.Tool == "list_models" || call.Arguments["mode"]!.GetValue<string>() == "preview");
        turn.All("approval").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(429, "model_rate_limited")]
    [InlineData(401, "model_refused_key")]
    [InlineData(500, "model_failed")]
    public async Task A_model_that_fails_is_told(int status, string code)
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Error(status));
        var grant = await tenant.GrantAsync(2);

        (await tenant.AskAsync(2, grant.Sid, "Hello")).LastData["code"]!.GetValue<string>().ShouldBe(code);
    }

    [Fact]
    public async Task Links_lead_to_the_users_Odoo_or_nowhere()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        var own = odoo.Address.GetLeftPart(UriPartial.Authority);
        await using var model = await _host.UseModelAsync(
            tenant.Workspace,
            FakeReply.Text($"[Order]({own}/odoo/sales/", "x) and [win](https://evil.test/?q=secret) ![i](https://evil.test/p.png) [7]")
        );
        var grant = await tenant.GrantAsync(2);

        var turn = await tenant.AskAsync(2, grant.Sid, "Link?");

        turn.Text.ShouldContain($"[Order]({own}/odoo/sales/x)");
        turn.Text.ShouldNotContain("evil.test");
        turn.Text.ShouldNotContain("[7]");
    }

    [Fact]
    public async Task Without_a_model_the_panel_is_told_who_must_do_what()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        var grant = await tenant.GrantAsync(2);

        var turn = await tenant.AskAsync(2, grant.Sid, "Hello");

        turn.Status.ShouldBe(503);
        turn.Body.ShouldContain("no_model");
    }

    [Fact]
    public async Task Somebody_elses_session_and_turn_are_not_there()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        await using var model = await _host.UseModelAsync(tenant.Workspace, FakeReply.Text("Hello."));
        var (one, other) = (await tenant.GrantAsync(6), await tenant.GrantAsync(7));
        var session = Guid.NewGuid();
        var turn = await tenant.AskAsync(6, one.Sid, "Hello", session);

        (await tenant.AskAsync(7, other.Sid, "Hello", session)).LastData["code"]!.GetValue<string>().ShouldBe("session");
        var path = $"/api/copilot/turns/{turn.LastData["turn"]}/feedback";
        (await tenant.SendAsync(HttpMethod.Put, path, tenant.Token(7, other.Sid), new { helpful = true })).StatusCode.ShouldBe(
            System.Net.HttpStatusCode.NotFound
        );
        (
            await tenant.SendAsync(HttpMethod.Put, path, tenant.Token(6, one.Sid), new { helpful = false, reason = "wrong" })
        ).StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);
    }
}
