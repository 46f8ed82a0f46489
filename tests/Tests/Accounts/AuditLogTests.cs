using System.Net;
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
            var page = await ReadAsync(workspace, null, null, last);
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

        (await ReadAsync(workspace, "test.done", null)).Count.ShouldBe(4);
        (await ReadAsync(workspace, "test.done", AuditActor.Parse($"member:{member.Member.Id}"))).Count.ShouldBe(3);
        (await ReadAsync(workspace, null, AuditActor.Parse("assistant"))).ShouldHaveSingleItem().Who.ShouldBe("Assistant");
        (await ReadAsync(workspace, "test.undone", null))[0].Who.ShouldBe(member.Member.Name);
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

        (await ReadAsync(workspace, null, null))[0].Said.ShouldBe("method listed by operator, count 3");
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

    private Task<List<AuditLine>> ReadAsync(Workspace workspace, string? action, AuditActor? actor, Guid? before = null) =>
        _host.Door.RunAsync(workspace.Id, Actor.System, ctx => AuditTrail.ReadAsync(ctx, action, actor, before, _ct), _ct);
}
