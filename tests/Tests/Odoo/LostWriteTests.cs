using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Odoo.Writes;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>A write that was approved, and whose host ends before Odoo's answer is there: nobody knows, so it says so, and nothing is tried again.</summary>
public sealed class LostWriteTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Change = """{"model":"res.partner","ids":[7],"values":{"phone":"+49 30 2"}}""";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly ManualResetEventSlim _answer = new();
    private readonly TaskCompletionSource _writing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestHost _host = null!;
    private FakeOdoo _odoo = null!;
    private FakeWrites _writes = null!;
    private OdooTenant _tenant = null!;
    private FakeModelServer _model = null!;
    private string _grant = "";

    public async ValueTask InitializeAsync()
    {
        // Jobs are done by the process that is killed, or by the test.
        _host = await cluster.StartHostAsync(background: false);
        _odoo = await FakeOdoo.StartAsync();
        _writes = new FakeWrites(_odoo) { Instead = Hesitate };
        _tenant = await OdooTenant.ConnectAsync(_host, _odoo);
        _model = await _host.UseModelAsync(_tenant.Workspace, FakeReply.Text("Please look."));
        _grant = (await _tenant.GrantAsync(7)).Sid;
    }

    public async ValueTask DisposeAsync()
    {
        _answer.Set();
        await _model.DisposeAsync();
        _tenant.Dispose();
        await _odoo.DisposeAsync();
        await _host.DisposeAsync();
        _answer.Dispose();
    }

    [Fact]
    public async Task A_write_whose_host_is_killed_is_unknown_after_a_while_and_is_not_tried_again()
    {
        await using var tenet = new TenetProcess(_host.AdminConnectionString, cluster.MasterKeyFile, _odoo.Address.Authority);
        await tenet.StartAsync();
        var card = await ProposeAsync();
        using var client = new HttpClient { BaseAddress = tenet.Address };
        var deciding = client.SendAsync(Decide(card, tenet.Address.GetLeftPart(UriPartial.Authority)), _ct);
        await Task.WhenAny(_writing.Task, deciding).WaitAsync(TimeSpan.FromMinutes(1), _ct);
        _writing.Task.IsCompleted.ShouldBeTrue();
        (await StateAsync(card)).ShouldBe("executing");

        await tenet.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(() => deciding);
        _answer.Set();
        (await StateAsync(card)).ShouldBe("executing");
        // The time in which Odoo might still have answered is over.
        (
            await _host.AsOwnerAsync<double>(
                "update kernel.job set run_at = now() where kind = $1 returning extract(epoch from run_at - now())::float8",
                EndLostWrite.Kind
            )
        ).ShouldBe(0);
        await tenet.StartAsync();

        await _host.WaitUntilAsync(
            "select exists (select from odoo.approval where workspace_id = $1 and state = 'unknown')",
            _tenant.Workspace.Id
        );
        (await StateAsync(card)).ShouldBe("unknown");
        (await DecideAsync(card)).Code.ShouldBe("decided");
        _odoo.Calls.Count(call => call.Arguments["mode"]!.GetValue<string>() == "execute").ShouldBe(1);
        var entries = await _host.AsOwnerAsync<string>(
            "select string_agg(action || ' ' || details, E'\\n' order by id) from audit.entry where workspace_id = $1 and subject_id = $2",
            _tenant.Workspace.Id,
            Guid.Parse(card["id"]!.GetValue<string>())
        );
        entries.ShouldNotBeNull();
        entries.Split('\n').Length.ShouldBe(2);
        entries.ShouldContain("odoo.acted");
        entries.ShouldContain("unknown");
    }

    [Fact]
    public async Task An_answer_that_comes_after_it_was_given_up_is_truer()
    {
        var card = await ProposeAsync();
        var deciding = DecideAsync(card);
        await _writing.Task.WaitAsync(TimeSpan.FromMinutes(1), _ct);
        await GiveUpAsync(card);
        (await StateAsync(card)).ShouldBe("unknown");

        _answer.Set();

        (await deciding).Body["state"]!.GetValue<string>().ShouldBe("done");
        (await StateAsync(card)).ShouldBe("done");
        (await _host.AsOwnerAsync<long>("select count(*) from kernel.job where kind = $1", EndLostWrite.Kind)).ShouldBe(0);
    }

    [Fact]
    public async Task What_has_ended_stays_as_it_ended_and_leaves_no_job()
    {
        _answer.Set();
        var card = await ProposeAsync();
        (await StateAsync(card)).ShouldBe("waiting");
        await GiveUpAsync(card);
        (await StateAsync(card)).ShouldBe("waiting");

        (await DecideAsync(card)).Body["state"]!.GetValue<string>().ShouldBe("done");
        await GiveUpAsync(card);

        (await StateAsync(card)).ShouldBe("done");
        (await _host.AsOwnerAsync<long>("select count(*) from kernel.job where kind = $1", EndLostWrite.Kind)).ShouldBe(0);
    }

    [Fact]
    public async Task Nobody_else_learns_what_became_of_it()
    {
        var card = await ProposeAsync();
        var other = (await _tenant.GrantAsync(8)).Sid;

        using var answer = await _tenant.SendAsync(HttpMethod.Get, Path(card), _tenant.Token(8, other));
        using var none = await _tenant.SendAsync(HttpMethod.Get, $"/api/copilot/approvals/{Guid.NewGuid()}", _tenant.Token(7, _grant));

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var title = (await answer.Content.ReadFromJsonAsync<JsonNode>(_ct))!["title"]!.GetValue<string>();
        title.ShouldBe((await none.Content.ReadFromJsonAsync<JsonNode>(_ct))!["title"]!.GetValue<string>());
    }

    private JsonObject Hesitate()
    {
        _writing.TrySetResult();
        _answer.Wait(TimeSpan.FromMinutes(2), _ct);
        return new JsonObject
        {
            ["model"] = "res.partner",
            ["ids"] = new JsonArray(7),
            ["record"] = "Azure Interior",
        };
    }

    private async Task<JsonNode> ProposeAsync()
    {
        _model.Then(FakeReply.Call("update_record", Change));
        var turn = await _tenant.AskAsync(7, _grant, "Change the phone number");
        return turn.All("approval").ShouldHaveSingleItem(turn.Body);
    }

    private Task GiveUpAsync(JsonNode card) =>
        new EndLostWrite(_host.Door).RunAsync(
            new JobRun(_tenant.Workspace.Id, Guid.CreateVersion7(), Guid.Parse(card["id"]!.GetValue<string>()), 1),
            _ct
        );

    private async Task<string> StateAsync(JsonNode card)
    {
        using var answer = await _tenant.SendAsync(HttpMethod.Get, Path(card), _tenant.Token(7, _grant));
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(_ct))!["state"]!.GetValue<string>();
    }

    private async Task<(JsonNode Body, string? Code)> DecideAsync(JsonNode card)
    {
        using var answer = await _tenant.SendAsync(HttpMethod.Post, Path(card), _tenant.Token(7, _grant), Body(card));
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(_ct))!;
        return (body, body["code"]?.GetValue<string>());
    }

    private HttpRequestMessage Decide(JsonNode card, string audience)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path(card)) { Content = JsonContent.Create(Body(card)) };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            _tenant.Token(7, _grant, claims => claims["aud"] = audience)
        );
        return request;
    }

    private static string Path(JsonNode card) => $"/api/copilot/approvals/{card["id"]}";

    private static JsonObject Body(JsonNode card) =>
        new()
        {
            ["decision"] = "approve",
            ["hash"] = card["hash"]!.DeepClone(),
            ["ticket"] = card["ticket"]!.DeepClone(),
        };
}
