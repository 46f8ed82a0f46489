using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class SignInActivityTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_sees_what_was_done_and_refused_in_their_name_and_where_while_the_session_is_open()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var robin = await _host.JoinAsync(workspace, Access.Agent);
        var kim = await _host.JoinAsync(workspace, Access.Agent);
        var session = (
            await _host.Services.GetRequiredService<Sessions>().FindAsync(Secrets.Hash(robin.Cookie[(SessionCookie.Name.Length + 1)..]), Ct)
        )!.SessionId;
        await NoteAsync(workspace, robin, "session.refused", Guid.CreateVersion7());
        // Entries of one millisecond stand in any order.
        await Task.Delay(5, Ct);
        await NoteAsync(workspace, robin, "session.started", session);
        await NoteAsync(workspace, kim, "session.started", Guid.CreateVersion7());

        var seen = await ReadAsync(workspace, robin);

        seen.Select(item => (item.What, item.IsRefused, item.Device, item.Place))
            .ShouldBe([("Signed in", false, "Unknown device", "This machine"), ("A wrong code or passkey", true, null, null)]);
        var counts = await _host.Door.RunAsync(
            workspace.Id,
            Actor.Member(robin.Member.Id),
            ctx => SignInActivity.CountAsync(ctx, robin.Member.Id, Ct),
            Ct
        );
        counts.ShouldBe(new SignInCounts(1, 1));
    }

    [Fact]
    public async Task Older_entries_come_page_by_page()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var robin = await _host.JoinAsync(workspace, Access.Agent);
        for (var n = 0; n <= AuditTrail.PageSize; n++)
        {
            await NoteAsync(workspace, robin, "session.started", Guid.CreateVersion7());
        }

        var page = await ReadAsync(workspace, robin);
        page.Count.ShouldBe(AuditTrail.PageSize + 1);
        (await ReadAsync(workspace, robin, page[AuditTrail.PageSize - 1].Line.Id)).ShouldHaveSingleItem().ShouldBe(page[^1]);
    }

    [Theory]
    [InlineData(Access.Owner, HttpStatusCode.OK)]
    [InlineData(Access.Admin, HttpStatusCode.Forbidden)]
    public async Task Of_others_only_an_owner_sees_it(string role, HttpStatusCode expected)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var robin = await _host.JoinAsync(workspace, Access.Agent);
        using var reader = await _host.SignInAsync(workspace, role);

        using var answer = await reader.GetAsync($"/members/{robin.Member.Id}/activity", Ct);

        answer.StatusCode.ShouldBe(expected);
    }

    private Task NoteAsync(Workspace workspace, TestMember member, string action, Guid session) =>
        _host.Door.BatchAsync(
            workspace.Id,
            Actor.Member(member.Member.Id),
            batch => batch.Audit(action, "session", session, new { method = "link" }),
            Ct
        );

    private Task<IReadOnlyList<SignInEvent>> ReadAsync(Workspace workspace, TestMember member, Guid? before = null) =>
        _host
            .Services.GetRequiredService<SignInActivity>()
            .ReadAsync(workspace.Id, Actor.Member(member.Member.Id), member.Member.Id, before, Ct);
}
