using System.Net;
using System.Net.Http.Json;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class AuditLogTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repetition()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await WriteAsync(workspace, 120, "test.done", Actor.System);

        var seen = new List<AuditLine>();
        for (var more = true; more; )
        {
            var last = seen.Count > 0 ? seen[^1].Id : (Guid?)null;
            var page = await ReadAsync(workspace, AuditQuery.All, last);
            more = page.Count > AuditTrail.PageSize;
            seen.AddRange(page.Take(AuditTrail.PageSize));
        }

        seen.Count.ShouldBe(120);
        seen.Select(line => line.Id).Distinct().Count().ShouldBe(120);
        seen.Select(line => line.Id).ShouldBe(seen.Select(line => line.Id).OrderDescending());
    }

    [Fact]
    public async Task It_is_filtered_by_action_and_by_who_did_it()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var member = await _host.JoinAsync(workspace, Access.Owner);
        await WriteAsync(workspace, 3, "test.done", Actor.Member(member.Member.Id));
        await WriteAsync(workspace, 2, "test.undone", Actor.Member(member.Member.Id));
        await WriteAsync(workspace, 1, "test.done", Actor.Assistant);

        (await ReadAsync(workspace, AuditQuery.All with { Action = "test.done" })).Count.ShouldBe(4);
        (await ReadAsync(workspace, AuditQuery.All with { Action = "test.done", Actor = $"member:{member.Member.Id}" })).Count.ShouldBe(3);
        (await ReadAsync(workspace, AuditQuery.All with { Actor = "assistant" })).ShouldHaveSingleItem().Who.ShouldBe("Assistant");
        (await ReadAsync(workspace, AuditQuery.All with { Action = "test.undone" }))[0].Who.ShouldBe(member.Member.Name);
        (await _host.Door.RunAsync(workspace.Id, Actor.System, ctx => AuditTrail.ActionsAsync(ctx, _ct), _ct)).ShouldBe([
            "member.joined",
            "test.done",
            "test.undone",
        ]);
    }

    [Fact]
    public async Task Details_are_told_in_words()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await _host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            ctx =>
            {
                ctx.Audit(
                    "test.done",
                    "test",
                    Guid.CreateVersion7(),
                    new { method = Tenet.Knowledge.ProofMethod.ListedByOperator, count = 3 }
                );
                return Task.CompletedTask;
            },
            _ct
        );

        (await ReadAsync(workspace, AuditQuery.All))[0].Said.ShouldBe("method listed by operator, count 3");
    }

    [Fact]
    public async Task It_is_filtered_by_subject_by_time_and_by_entry()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await WriteAsync(workspace, 3, "test.done", Actor.Assistant);
        var all = await ReadAsync(workspace, AuditQuery.All);
        var today = all[0].At.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

        (await ReadAsync(workspace, AuditQuery.All with { Subject = $"{workspace.Id}" })).Count.ShouldBe(3);
        (await ReadAsync(workspace, AuditQuery.All with { Subject = $"{all[0].Id}" })).ShouldBeEmpty();
        (await ReadAsync(workspace, AuditQuery.All with { Entry = $"{all[1].Id}" })).ShouldHaveSingleItem().Id.ShouldBe(all[1].Id);
        (await ReadAsync(workspace, AuditQuery.All with { From = today, Until = today })).Count.ShouldBe(3);
        (await ReadAsync(workspace, AuditQuery.All with { From = "2000-01-01", Until = "2020-12-31" })).ShouldBeEmpty();
        (await ReadAsync(workspace, AuditQuery.All with { From = "2999-01-01" })).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("actor=nobody", "actor")]
    [InlineData("actor=1", "actor")]
    [InlineData("actor=member:x", "actor")]
    [InlineData("subject=x", "subject")]
    [InlineData("from=yesterday", "from")]
    [InlineData("until=2026-02-30", "until")]
    [InlineData("entry=1", "entry")]
    [InlineData("format=pdf", "format")]
    public async Task A_filter_that_cannot_be_read_is_named(string query, string field)
    {
        var client = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), Access.Admin);

        var response = await client.GetAsync("/api/audit/export?" + query, _ct);

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await response.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(_ct))
            .GetProperty("errors")
            .TryGetProperty(field, out _)
            .ShouldBeTrue();
    }

    [Fact]
    public async Task Its_pages_and_its_state_are_read_over_the_API()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var client = await _host.SignInAsync(workspace, Access.Admin);
        await WriteAsync(workspace, 70, "test.done", Actor.System);

        var first = await client.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/audit?action=test.done", _ct);
        var second = await client.GetFromJsonAsync<System.Text.Json.JsonElement>(
            $"/api/audit?action=test.done&after={first.GetProperty("next").GetString()}",
            _ct
        );
        var state = await client.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/audit/state", _ct);

        (first.GetProperty("items").GetArrayLength(), second.GetProperty("items").GetArrayLength()).ShouldBe((50, 20));
        second.GetProperty("next").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        state.GetProperty("key").GetString()!.ShouldStartWith($"tenet/audit/{workspace.Id}+");
    }

    [Theory]
    [InlineData("member.role_changed", """{"from":"agent","to":"admin"}""", "Member role changed", "from agent, to admin")]
    [InlineData("assistant.answered", """{"state":"answered","tokensOut":12}""", "Assistant answered", "state answered, tokens out 12")]
    [InlineData("key.made", """{"scopes":["a:read","b:read"],"personal":true}""", "Key made", "scopes a:read and b:read, personal yes")]
    [InlineData("test.done", null, "Test done", "")]
    public void An_entry_reads_as_words(string action, string? details, string what, string said)
    {
        var line = new AuditLine(default, default, ActorKind.System, null, null, action, "test", default, details, false, 1);

        (line.What, line.Said).ShouldBe((what, said));
    }

    [Theory]
    [InlineData(Access.Agent, HttpStatusCode.Forbidden)]
    [InlineData(Access.Admin, HttpStatusCode.OK)]
    public async Task Its_page_is_for_admins(string role, HttpStatusCode status)
    {
        var client = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), role);
        client.DefaultRequestHeaders.Add("Accept", "text/html");

        (await client.GetAsync("/audit-log", _ct)).StatusCode.ShouldBe(status);
    }

    private Task WriteAsync(Workspace workspace, int count, string action, Actor actor) =>
        _host.Door.BatchAsync(
            workspace.Id,
            actor,
            batch =>
            {
                for (var n = 0; n < count; n++)
                {
                    batch.Audit(action, "test", workspace.Id, new { n });
                }
            },
            _ct
        );

    private Task<List<AuditLine>> ReadAsync(Workspace workspace, AuditQuery query, Guid? before = null) =>
        _host.Door.RunAsync(workspace.Id, Actor.System, ctx => AuditTrail.ReadAsync(ctx, query.ToFilter(), before, _ct), _ct);
}
