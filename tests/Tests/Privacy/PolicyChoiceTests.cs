using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Choice;
using Tenet.Privacy.Trust;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class PolicyChoiceTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
    private PolicyBook Book => _host.Services.GetRequiredService<PolicyBook>();
    private PolicyChoice Choice => _host.Services.GetRequiredService<PolicyChoice>();

    [Fact]
    public async Task A_workspace_goes_over_to_another_policy_and_it_is_written_down_who_accepted_what()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, "owner");

        await AsAsync(owner, workspace, ctx => Choice.ChangeAsync(ctx, "crm", Ct));
        Book.Forget();

        var policy = await Book.OfAsync(workspace.Id, Ct);
        policy.Name.ShouldBe("crm");
        var accepted = (
            await _host.Door.RunAsync(workspace.Id, Actor.System, ctx => PolicyChoice.ListAsync(ctx, Ct), Ct)
        ).ShouldHaveSingleItem();
        (accepted.Name, accepted.Version, accepted.AcceptedBy).ShouldBe(("crm", policy.Version, owner.Member.Id));
        (
            await _host.AsOwnerAsync<long>(
                "select count(*) from audit.entry where workspace_id = $1 and actor_id = $2 and action in ('policy.changed', 'policy.accepted')",
                workspace.Id,
                owner.Member.Id
            )
        ).ShouldBe(2);
        (await PublicPagesTests.PageAsync(_host, $"/trust/{workspace.Slug}")).ShouldContain("Customer relations");
    }

    [Fact]
    public async Task Only_a_version_that_is_in_force_or_announced_can_be_accepted()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, "owner");
        var policy = await Book.OfAsync(workspace.Id, Ct);

        await AsAsync(owner, workspace, ctx => Choice.AcceptAsync(ctx, policy.Version, Ct));

        await Should.ThrowAsync<ConflictException>(() => AsAsync(owner, workspace, ctx => Choice.AcceptAsync(ctx, "1999.1", Ct)));
        await Should.ThrowAsync<ConflictException>(() =>
            _host.Door.RunAsync(workspace.Id, Actor.System, ctx => Choice.AcceptAsync(ctx, policy.Version, Ct), Ct)
        );
        await Should.ThrowAsync<NotFoundException>(() => AsAsync(owner, workspace, ctx => Choice.ChangeAsync(ctx, "house", Ct)));
    }

    [Fact]
    public async Task Who_asks_for_a_look_gets_one_a_minute()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, "owner");
        var look = _host.Services.GetRequiredService<LookNow>();

        await look.RunAsync(workspace.Id, Actor.Member(owner.Member.Id), Ct);

        (
            await Should.ThrowAsync<ConflictException>(() => look.RunAsync(workspace.Id, Actor.Member(owner.Member.Id), Ct))
        ).Message.ShouldContain("seconds");
        (await PublicPagesTests.PageAsync(_host, $"/trust/{workspace.Slug}")).ShouldNotContain("Nobody has looked yet.");
    }

    private Task AsAsync(TestMember member, Workspace workspace, Func<WorkspaceContext, Task> work) =>
        _host.Door.RunAsync(workspace.Id, Actor.Member(member.Member.Id), work, Ct);
}
