using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class SessionTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_says_who_its_member_is()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var member = await _host.JoinAsync(workspace, Access.Agent);

        var found = await FindAsync(member.Cookie);

        found.ShouldNotBeNull();
        (found.WorkspaceId, found.MemberId, found.Role, found.Name).ShouldBe(
            (workspace.Id, member.Member.Id, Access.Agent, member.Member.Name)
        );
    }

    [Fact]
    public async Task A_made_up_token_is_nobody() => (await FindAsync("tenet_session=" + Secrets.Token())).ShouldBeNull();

    [Fact]
    public async Task A_member_who_has_left_is_nobody_at_once_where_it_was_done()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var member = await _host.JoinAsync(workspace, Access.Agent);
        (await FindAsync(member.Cookie)).ShouldNotBeNull();

        await _host.Door.RunAsync(
            workspace.Id,
            Tenet.Kernel.Workspaces.Actor.System,
            async ctx =>
            {
                await ctx.ExecuteAsync($"delete from accounts.member where id = {member.Member.Id}", _ct);
                ctx.Publish(Members.Topic, member.Member.Id);
            },
            _ct
        );

        (await FindAsync(member.Cookie)).ShouldBeNull();
    }

    private Task<SignedIn?> FindAsync(string cookie) =>
        _host.Services.GetRequiredService<Sessions>().FindAsync(Secrets.Hash(cookie["tenet_session=".Length..]), _ct);
}
