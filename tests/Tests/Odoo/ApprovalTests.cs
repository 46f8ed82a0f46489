using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>A model proposes, a user decides, Odoo writes once.</summary>
public sealed class ApprovalTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Change =
        """{"model":"res.partner","ids":[7],"values":{"phone":"+49 30 2"},"mode":"execute","approval":"x","expect":{"fingerprint":"1"}}""";

    private readonly TestHost _host = cluster.Host;
    private FakeOdoo _odoo = null!;
    private FakeWrites _writes = null!;
    private OdooTenant _tenant = null!;
    private FakeModelServer _model = null!;
    private string _grant = "";

    public async ValueTask InitializeAsync()
    {
        _odoo = await FakeOdoo.StartAsync();
        _writes = new FakeWrites(_odoo);
        _tenant = await OdooTenant.ConnectAsync(_host, _odoo);
        _model = await _host.UseModelAsync(_tenant.Workspace, FakeReply.Text("I have prepared it; please look."));
        _grant = (await _tenant.GrantAsync(7)).Sid;
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        _tenant.Dispose();
        await _odoo.DisposeAsync();
    }

    [Fact]
    public async Task A_write_waits_for_the_user_and_happens_once()
    {
        var (turn, card) = await ProposeAsync();

        turn.LastData["state"]!.GetValue<string>().ShouldBe("waiting");
        card["record"]!.GetValue<string>().ShouldBe("Azure Interior");
        card["changes"]![0]!["before"]!.GetValue<string>().ShouldBe("+49 30 1");
        card["changes"]![0]!["after"]!.GetValue<string>().ShouldBe("+49 30 2");
        card["ticket"]!.GetValue<string>().Length.ShouldBeLessThan(32_000);
        // What a model says of mode, approval and expectation reaches nobody.
        var looked = _odoo.Calls.ShouldHaveSingleItem();
        looked.Arguments["mode"]!.GetValue<string>().ShouldBe("preview");
        looked.Arguments["approval"].ShouldBeNull();
        looked.Arguments["expect"].ShouldBeNull();
        _writes.Writes.ShouldBe(0);

        var (status, outcome, _) = await DecideAsync(card);

        status.ShouldBe(HttpStatusCode.OK);
        outcome["state"]!.GetValue<string>().ShouldBe("done");
        outcome["ids"]![0]!.GetValue<int>().ShouldBe(7);
        _writes.Phone.ShouldBe("+49 30 2");
        (await DecideAsync(card)).Code.ShouldBe("decided");
        (await DecideAsync(card, decision: "decline")).Code.ShouldBe("decided");
        _writes.Writes.ShouldBe(1);
        (await StateAsync(card)).ShouldBe("done");
    }

    [Fact]
    public async Task Twenty_clicks_at_once_write_once()
    {
        var (_, card) = await ProposeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => DecideAsync(card)));

        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(answer => answer.Code == "decided").ShouldBe(19);
        _writes.Writes.ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_else_decides_and_nothing_else_is_written()
    {
        var (_, card) = await ProposeAsync();
        var other = (await _tenant.GrantAsync(8)).Sid;
        var (_, second) = await ProposeAsync(phone: "+49 30 666");

        (await DecideAsync(card, uid: 8, grant: other)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await DecideAsync(card, id: Guid.NewGuid().ToString())).Status.ShouldBe(HttpStatusCode.NotFound);
        (await DecideAsync(card, hash: new string('0', 64))).Code.ShouldBe("hash");
        (await DecideAsync(card, ticket: second["ticket"]!.GetValue<string>())).Code.ShouldBe("hash");
        (await DecideAsync(card, ticket: second["ticket"]!.GetValue<string>(), hash: second["hash"]!.GetValue<string>())).Code.ShouldBe(
            "hash"
        );
        var ticket = card["ticket"]!.GetValue<string>();
        (await DecideAsync(card, ticket: ticket[..40] + (ticket[40] == 'A' ? 'B' : 'A') + ticket[41..])).Code.ShouldBe("hash");
        (await DecideAsync(card, ticket: "")).Code.ShouldBe("hash");
        _writes.Writes.ShouldBe(0);
        (await DecideAsync(card)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Another_tenants_user_of_the_same_number_decides_nothing()
    {
        var (_, card) = await ProposeAsync();
        await using var odoo = await FakeOdoo.StartAsync();
        using var other = await OdooTenant.ConnectAsync(_host, odoo);
        var grant = (await other.GrantAsync(7)).Sid;

        using var answer = await other.SendAsync(HttpMethod.Post, Path(card), other.Token(7, grant), Body(card));

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await StateAsync(card)).ShouldBe("waiting");
    }

    [Fact]
    public async Task An_expired_proposal_and_a_declined_one_write_nothing()
    {
        var (_, late) = await ProposeAsync();
        await _host.AsOwnerAsync<int>(
            "update odoo.approval set expires_at = now() where workspace_id = $1 returning 1",
            _tenant.Workspace.Id
        );
        (await DecideAsync(late)).Code.ShouldBe("expired");

        var (_, card) = await ProposeAsync();
        (await DecideAsync(card, decision: "decline")).Body["state"]!.GetValue<string>().ShouldBe("declined");
        (await DecideAsync(card)).Code.ShouldBe("decided");
        _writes.Writes.ShouldBe(0);
    }

    [Fact]
    public async Task A_record_that_changed_meanwhile_is_shown_anew_and_not_written()
    {
        var (_, card) = await ProposeAsync();
        _writes.ChangeElsewhere("+49 30 99");

        var outcome = (await DecideAsync(card)).Body;

        outcome["state"]!.GetValue<string>().ShouldBe("conflict");
        outcome["changes"]![0]!["before"]!.GetValue<string>().ShouldBe("+49 30 99");
        _writes.Writes.ShouldBe(0);
    }

    [Fact]
    public async Task What_Odoo_refuses_is_told_and_what_it_does_not_say_is_not_tried_again()
    {
        _writes.Instead = () => new JsonObject { ["error"] = "access", ["detail"] = "This user may not change that record." };
        var (_, refused) = await ProposeAsync();
        var outcome = (await DecideAsync(refused)).Body;
        outcome["state"]!.GetValue<string>().ShouldBe("failed");
        outcome["code"]!.GetValue<string>().ShouldBe("access");
        outcome["text"]!.GetValue<string>().ShouldBe("This user may not change that record.");

        var (_, silent) = await ProposeAsync();
        _odoo.Mood = OdooMood.Gone;
        (await DecideAsync(silent)).Body["state"]!.GetValue<string>().ShouldBe("unknown");
        _odoo.Mood = OdooMood.Well;
        (await DecideAsync(silent)).Code.ShouldBe("decided");
    }

    [Fact]
    public async Task Each_decision_is_in_the_audit_trail_without_a_value()
    {
        var (_, card) = await ProposeAsync();
        await DecideAsync(card);

        var entries = await _host.AsOwnerAsync<string>(
            "select string_agg(action || ' ' || details, E'\\n' order by id) from audit.entry where workspace_id = $1 and subject_id = $2",
            _tenant.Workspace.Id,
            Guid.Parse(card["id"]!.GetValue<string>())
        );

        entries.ShouldNotBeNull();
        entries.ShouldContain("odoo.approved");
        entries.ShouldContain("odoo.acted");
        entries.ShouldContain("res.partner");
        entries.ShouldContain("update_record");
        entries.ShouldNotContain("+49");
        entries.ShouldNotContain("Azure");
    }

    [Fact]
    public async Task A_preview_of_other_records_than_the_model_named_becomes_no_card()
    {
        _model.Then(FakeReply.Call("update_record", """{"model":"res.partner","ids":[8],"values":{"phone":"1"}}"""));

        var turn = await _tenant.AskAsync(7, _grant, "Change it");

        turn.All("approval").ShouldBeEmpty();
        turn.LastData["state"]!.GetValue<string>().ShouldBe("answered");
    }

    private async Task<(PanelTurn Turn, JsonNode Card)> ProposeAsync(string phone = "+49 30 2")
    {
        _model.Then(FakeReply.Call("update_record", Change.Replace("+49 30 2", phone, StringComparison.Ordinal)));
        var turn = await _tenant.AskAsync(7, _grant, "Change the phone number");
        return (turn, turn.All("approval").ShouldHaveSingleItem(turn.Body));
    }

    private async Task<(HttpStatusCode Status, JsonNode Body, string? Code)> DecideAsync(
        JsonNode card,
        int uid = 7,
        string? grant = null,
        string? id = null,
        string? hash = null,
        string? ticket = null,
        string decision = "approve"
    )
    {
        using var answer = await _tenant.SendAsync(
            HttpMethod.Post,
            id is null ? Path(card) : $"/api/copilot/approvals/{id}",
            _tenant.Token(uid, grant ?? _grant),
            Body(card, hash, ticket, decision)
        );
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return (answer.StatusCode, body, answer.IsSuccessStatusCode ? null : body["code"]?.GetValue<string>());
    }

    private Task<string> StateAsync(JsonNode card) =>
        _host.AsOwnerAsync<string>(
            "select state from odoo.approval where workspace_id = $1 and id = $2",
            _tenant.Workspace.Id,
            Guid.Parse(card["id"]!.GetValue<string>())
        )!;

    private static string Path(JsonNode card) => $"/api/copilot/approvals/{card["id"]}";

    private static object Body(JsonNode card, string? hash = null, string? ticket = null, string decision = "approve") =>
        new
        {
            decision,
            hash = hash ?? card["hash"]!.GetValue<string>(),
            ticket = ticket ?? card["ticket"]!.GetValue<string>(),
        };
}
