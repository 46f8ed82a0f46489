using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Switches;
using Tenet.Odoo.Tokens;
using Tenet.Odoo.Writes;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>What admins and the operator switch off, is off: for the model, for the panel, for what is approved already, and for what runs.</summary>
public sealed class SwitchTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Change = """{"model":"res.partner","ids":[7],"values":{"phone":"+49 30 2"}}""";

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
        _model = await _host.UseModelAsync(_tenant.Workspace, FakeReply.Text("Fine."));
        _grant = (await _tenant.GrantAsync(7)).Sid;
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        _tenant.Dispose();
        await _odoo.DisposeAsync();
    }

    [Fact]
    public async Task The_model_is_offered_what_the_users_group_may_have_proposed()
    {
        await _tenant.AskAsync(7, _grant, "Hello");
        _model.Requests[^1].Body.ShouldContain("\"update_record\"");

        await AskAsAsync("user");
        _model.Requests[^1].Body.ShouldNotContain("\"update_record\"");
        _model.Requests[^1].Body.ShouldContain("You cannot change anything.");

        await SetAsync(switches => switches with { Actions = With(OdooAction.UpdateRecord, UserGroup.Manager) });
        await _tenant.AskAsync(7, _grant, "Hello");
        _model.Requests[^1].Body.ShouldNotContain("\"update_record\"");
        _model.Requests[^1].Body.ShouldContain("\"post_message\"");
        await AskAsAsync("manager");
        _model.Requests[^1].Body.ShouldContain("\"update_record\"");
    }

    [Theory]
    [InlineData("user")]
    [InlineData("off")]
    [InlineData("read_only")]
    public async Task A_model_that_writes_without_being_offered_it_is_refused_before_Odoo_hears_of_it(string how)
    {
        await SetAsync(switches =>
            how switch
            {
                "off" => switches with { Actions = With(OdooAction.UpdateRecord, null) },
                "read_only" => switches with { ReadOnly = true },
                _ => switches,
            }
        );
        _model.Then(FakeReply.Call("update_record", Change));

        var turn = await AskAsAsync(how == "user" ? "user" : "writer");

        turn.All("approval").ShouldBeEmpty();
        _odoo.Calls.ShouldBeEmpty();
        turn.LastData["state"]!.GetValue<string>().ShouldBe("answered");
    }

    [Fact]
    public async Task What_is_switched_off_after_it_was_proposed_is_not_carried_out()
    {
        var card = await ProposeAsync();

        await SetAsync(switches => switches with { Actions = With(OdooAction.UpdateRecord, null) });
        (await DecideAsync(card)).ShouldBe("action_off");
        await SetAsync(switches => switches with { ReadOnly = true });
        (await DecideAsync(card)).ShouldBe("read_only");
        await SetAsync(switches => switches with { StoppedAt = DateTimeOffset.UtcNow });
        (await DecideAsync(card)).ShouldBe("switched_off");
        // The group of the new token counts.
        await SetAsync(switches => switches);
        (await DecideAsync(card, "user")).ShouldBe("action_off");
        _writes.Writes.ShouldBe(0);
        (await DecideAsync(card)).ShouldBeNull();
        _writes.Writes.ShouldBe(1);
    }

    [Fact]
    public async Task A_stop_ends_the_answer_that_runs_and_lets_none_begin()
    {
        _model.Then(new FakeReply { Deltas = ["It ", "is "], Ending = FakeEnding.Stall });
        var running = _tenant.AskAsync(7, _grant, "Hello");
        await _host.WaitUntilAsync(
            "select exists (select from odoo.turn where workspace_id = $1 and state = 'running')",
            _tenant.Workspace.Id
        );

        await SetAsync(switches => switches with { StoppedAt = DateTimeOffset.UtcNow });

        var turn = await running;
        turn.Last.ShouldBe("error", turn.Body);
        turn.LastData["code"]!.GetValue<string>().ShouldBe("stopped");
        (await _tenant.AskAsync(7, _grant, "Hello")).Status.ShouldBe(403);
        await SetAsync(switches => switches with { StoppedAt = null });
        (await _tenant.AskAsync(7, _grant, "Hello")).Last.ShouldBe("done");
    }

    [Fact]
    public async Task The_operators_halt_is_not_the_admins_to_lift()
    {
        var halt = _host.Services.GetRequiredService<CopilotHalt>();
        await halt.RunAsync(_tenant.Workspace.Id, halt: true, TestContext.Current.CancellationToken);
        await SetAsync(switches => switches with { StoppedAt = null, HaltedAt = null });
        (await _tenant.AskAsync(7, _grant, "Hello")).Body.ShouldContain("switched_off");

        await halt.RunAsync(_tenant.Workspace.Id, halt: false, TestContext.Current.CancellationToken);
        (await _tenant.AskAsync(7, _grant, "Hello")).Last.ShouldBe("done");
    }

    [Fact]
    public async Task Disconnecting_ends_the_answer_that_runs()
    {
        _model.Then(new FakeReply { Deltas = ["It ", "is "], Ending = FakeEnding.Stall });
        var running = _tenant.AskAsync(7, _grant, "Hello");
        await _host.WaitUntilAsync(
            "select exists (select from odoo.turn where workspace_id = $1 and state = 'running')",
            _tenant.Workspace.Id
        );

        using var gone = await _tenant.SendSignedAsync("/api/copilot/disconnect", """{"reason":"disconnect"}""");

        (await running).LastData["code"]!.GetValue<string>().ShouldBe("stopped");
    }

    [Fact]
    public async Task The_panel_learns_what_its_user_may()
    {
        var settings = await SettingsAsync("writer");
        settings["enabled"]!.GetValue<bool>().ShouldBeTrue();
        settings["writes"]!.GetValue<bool>().ShouldBeTrue();
        settings["actions"]!.AsObject().Count.ShouldBe(6);
        settings["own_key"]!.GetValue<bool>().ShouldBeTrue();
        settings["terms"]!["version"]!.GetValue<string>().ShouldBe("2026-11");
        (await SettingsAsync("user"))["writes"]!.GetValue<bool>().ShouldBeFalse();

        await SetAsync(switches => switches with { Asking = UserGroup.Writer, Actions = With(OdooAction.PostMessage, null) });
        (await SettingsAsync("user"))["enabled"]!.GetValue<bool>().ShouldBeFalse();
        (await SettingsAsync("writer"))["actions"]!["post_message"]!.GetValue<bool>().ShouldBeFalse();
        (await AskAsAsync("user")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Who_asks_for_a_person_is_told_to_the_admins_by_number_once_an_hour()
    {
        const string Letters = "select count(*) from kernel.mail where workspace_id = $1";
        var before = await _host.AsOwnerAsync<long>(Letters, _tenant.Workspace.Id);
        var admins = await _host.AsOwnerAsync<long>(
            "select count(*) from accounts.member where workspace_id = $1 and role in ('owner', 'admin')",
            _tenant.Workspace.Id
        );
        var session = Guid.NewGuid();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var answer = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/help", _tenant.Token(7, _grant), new { session });
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }
        using var wrong = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/help", _tenant.Token(7, _grant), new { session = "me" });
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        (
            await _host.AsOwnerAsync<string>(
                "select count(*) || ' ' || min(uid) from odoo.help_request where workspace_id = $1",
                _tenant.Workspace.Id
            )
        ).ShouldBe("1 7");
        admins.ShouldBeGreaterThan(0);
        (await _host.AsOwnerAsync<long>(Letters, _tenant.Workspace.Id)).ShouldBe(before + admins);
    }

    private static Dictionary<OdooAction, UserGroup> With(OdooAction action, UserGroup? group)
    {
        var actions = CopilotSwitches.Default.Actions.ToDictionary();
        actions.Remove(action);
        if (group is { } least)
        {
            actions[action] = least;
        }
        return actions;
    }

    private Task SetAsync(Func<CopilotSwitches, CopilotSwitches> change) =>
        _host.Door.RunAsync(
            _tenant.Workspace.Id,
            Actor.System,
            ctx => SetSwitches.RunAsync(ctx, _ => change(CopilotSwitches.Default), TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken
        );

    private async Task<PanelTurn> AskAsAsync(string group)
    {
        using var answer = await _tenant.SendAsync(
            HttpMethod.Post,
            "/api/copilot/turns",
            _tenant.Token(7, _grant, claims => claims["grp"] = group),
            new { session = Guid.NewGuid(), message = "Hello" }
        );
        return await PanelTurn.ReadAsync(answer, TestContext.Current.CancellationToken);
    }

    private async Task<JsonNode> SettingsAsync(string group)
    {
        var token = _tenant.Token(7, _grant, claims => claims["grp"] = group);
        using var answer = await _tenant.SendAsync(HttpMethod.Get, "/api/copilot/settings", token);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private async Task<JsonNode> ProposeAsync()
    {
        _model.Then(FakeReply.Call("update_record", Change));
        return (await _tenant.AskAsync(7, _grant, "Change it")).All("approval").ShouldHaveSingleItem();
    }

    private async Task<string?> DecideAsync(JsonNode card, string group = "writer")
    {
        var token = _tenant.Token(7, _grant, claims => claims["grp"] = group);
        var body = new
        {
            decision = "approve",
            hash = card["hash"]!.GetValue<string>(),
            ticket = card["ticket"]!.GetValue<string>(),
        };
        using var answer = await _tenant.SendAsync(HttpMethod.Post, $"/api/copilot/approvals/{card["id"]}", token, body);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]?.GetValue<string>();
    }
}
