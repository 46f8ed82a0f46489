using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class MemberTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_and_invitations_are_listed_in_pages_without_gap_or_repetition()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, Access.Owner);
        foreach (var role in new[] { Access.Viewer, Access.Agent, Access.Agent, Access.Admin, Access.Viewer })
        {
            await _host.JoinAsync(workspace, role);
        }
        for (var n = 0; n < 5; n++)
        {
            (await InviteAsync(owner.Client, $"guest{n}@example.org", Access.Viewer)).EnsureSuccessStatusCode();
        }

        var members = await AllAsync<MemberView>(owner.Client, "/api/members");
        var invitations = await AllAsync<InvitationView>(owner.Client, "/api/invitations");

        members.Select(member => member.Role).ShouldBe(["owner", "admin", "agent", "agent", "viewer", "viewer"]);
        members.Select(member => member.Id).ShouldBeUnique();
        invitations
            .Select(invitation => invitation.Email)
            .ShouldBe(["guest4@example.org", "guest3@example.org", "guest2@example.org", "guest1@example.org", "guest0@example.org"]);
        using var refused = await owner.Client.GetAsync("/api/members?limit=201", _ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private async Task<List<T>> AllAsync<T>(HttpClient client, string path)
    {
        var (all, next) = (new List<T>(), (string?)null);
        do
        {
            var page = await client.GetFromJsonAsync<PageOf<T>>($"{path}?limit=2&after={Uri.EscapeDataString(next ?? "")}", _ct);
            page!.Items.Count.ShouldBeLessThanOrEqualTo(2);
            all.AddRange(page.Items);
            next = page.Next;
        } while (next is not null);
        return all;
    }

    [Theory]
    [InlineData(Access.Viewer)]
    [InlineData(Access.Agent)]
    public async Task Who_is_no_admin_reads_members_and_changes_none(string role)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, Access.Owner);
        var client = await _host.SignInAsync(workspace, role);

        (await client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/api/invitations", _ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await InviteAsync(client, "a@example.org", Access.Viewer)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ChangeRoleAsync(client, owner.Member.Id, Access.Viewer)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await RemoveAsync(client, owner.Member.Id)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_admin_changes_roles_below_owner_and_each_change_is_audited()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var (owner, agent) = (await _host.JoinAsync(workspace, Access.Owner), await _host.JoinAsync(workspace, Access.Agent));
        var admin = await _host.JoinAsync(workspace, Access.Admin);

        (await ChangeRoleAsync(admin.Client, agent.Member.Id, Access.Admin)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ChangeRoleAsync(admin.Client, agent.Member.Id, Access.Owner)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ChangeRoleAsync(admin.Client, owner.Member.Id, Access.Agent)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await RemoveAsync(admin.Client, owner.Member.Id)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await InviteAsync(admin.Client, "a@example.org", Access.Owner)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        (
            await _host.AsOwnerAsync<string>(
                "select details from audit.entry where workspace_id = $1 and action = 'member.role_changed' and actor_id = $2 and subject_id = $3",
                workspace.Id,
                admin.Member.Id,
                agent.Member.Id
            )
        ).ShouldBe("""{"from":"agent","to":"admin"}""");
    }

    [Fact]
    public async Task The_last_owner_can_be_neither_demoted_nor_removed()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, Access.Owner);

        using var demoted = await ChangeRoleAsync(owner.Client, owner.Member.Id, Access.Admin);
        demoted.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await demoted.Content.ReadAsStringAsync(_ct)).ShouldContain("Make somebody else an owner first");
        (await RemoveAsync(owner.Client, owner.Member.Id)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Two_owners_who_demote_each_other_at_once_leave_one()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var (a, b) = (await _host.JoinAsync(workspace, Access.Owner), await _host.JoinAsync(workspace, Access.Owner));

        await Task.WhenAll(
            ChangeRoleAsync(a.Client, b.Member.Id, Access.Admin),
            ChangeRoleAsync(b.Client, a.Member.Id, Access.Admin),
            RemoveAsync(a.Client, b.Member.Id),
            RemoveAsync(b.Client, a.Member.Id)
        );

        (
            await _host.AsOwnerAsync<long>("select count(*) from accounts.member where workspace_id = $1 and role = 'owner'", workspace.Id)
        ).ShouldBe(1);
    }

    [Fact]
    public async Task A_removed_member_is_out_at_once()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var (owner, agent) = (await _host.JoinAsync(workspace, Access.Owner), await _host.JoinAsync(workspace, Access.Agent));
        (await agent.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await RemoveAsync(owner.Client, agent.Member.Id)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await agent.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_login_of_who_belongs_to_no_workspace_is_forgotten()
    {
        var (a, b) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());
        var (ownerA, ownerB) = (await _host.JoinAsync(a, Access.Owner), await _host.JoinAsync(b, Access.Owner));
        var member = await _host.JoinAsync(a, Access.Agent);
        var elsewhere = await _host.JoinAsync(b, Access.Agent, member.Member.Email);

        await RemoveAsync(ownerA.Client, member.Member.Id);
        (await elsewhere.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await LoginsAsync(member)).ShouldBe(1);

        await RemoveAsync(ownerB.Client, elsewhere.Member.Id);
        while (await LoginsAsync(member) > 0)
        {
            await Task.Delay(20, _ct);
        }
    }

    private async Task<long> LoginsAsync(TestMember member) =>
        await _host.AsOwnerAsync<long>("select count(*) from accounts.login where email = $1", member.Member.Email);

    [Fact]
    public async Task A_lowered_role_counts_at_once()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var (owner, admin) = (await _host.JoinAsync(workspace, Access.Owner), await _host.JoinAsync(workspace, Access.Admin));
        (await admin.Client.GetAsync("/api/invitations", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await ChangeRoleAsync(owner.Client, admin.Member.Id, Access.Viewer);

        (await admin.Client.GetAsync("/api/invitations", _ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_id_of_another_workspace_is_answered_like_one_that_does_not_exist()
    {
        var (own, other) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());
        var owner = await _host.JoinAsync(own, Access.Owner);
        var foreignOwner = await _host.JoinAsync(other, Access.Owner);
        var foreigner = await _host.JoinAsync(other, Access.Agent);
        using var foreignInvitation = await InviteAsync(foreignOwner.Client, "guest@example.org", Access.Agent);
        var invitation = (await foreignInvitation.Content.ReadFromJsonAsync<InvitationView>(_ct))!;

        (await SameAsync(id => owner.Client.GetAsync($"/api/members/{id}", _ct), foreigner.Member.Id)).ShouldBe(404);
        (await SameAsync(id => ChangeRoleAsync(owner.Client, id, Access.Viewer), foreigner.Member.Id)).ShouldBe(404);
        (await SameAsync(id => RemoveAsync(owner.Client, id), foreigner.Member.Id)).ShouldBe(404);
        (await SameAsync(id => owner.Client.DeleteAsync($"/api/invitations/{id}", _ct), invitation.Id)).ShouldBe(404);

        var seen = await owner.Client.GetFromJsonAsync<PageOf<MemberView>>("/api/members", _ct);
        seen!.Items.ShouldHaveSingleItem().Id.ShouldBe(owner.Member.Id);
        (await foreigner.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"role":"admin"}""", 422, "email")]
    [InlineData("""{"email":"nobody","role":"admin"}""", 422, "email")]
    [InlineData("""{"email":"a@example.org","role":"emperor"}""", 422, "role")]
    [InlineData("""{"email":"a@example.org"}""", 422, "role")]
    [InlineData("""{"email":7,"role":"admin"}""", 400, "email")]
    [InlineData("""{"email":"a@example.org","role":"admin","isRoot":true}""", 400, "isRoot")]
    public async Task What_cannot_be_an_invitation_is_refused_naming_the_field(string body, int status, string field)
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var refused = await owner.Client.PostAsync("/api/invitations", content, _ct);

        ((int)refused.StatusCode).ShouldBe(status);
        (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain($"\"{field}\":[");
    }

    [Fact]
    public async Task The_operator_makes_a_member_an_owner_without_making_a_second_one()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var agent = await _host.JoinAsync(workspace, Access.Agent);

        var id = await _host
            .Services.GetRequiredService<Members>()
            .CreateOwnerAsync(workspace.Id, agent.Member.Email.ToUpperInvariant(), "Robin", _ct);

        id.ShouldBe(agent.Member.Id);
        var seen = await agent.Client.GetFromJsonAsync<MemberView>($"/api/members/{id}", _ct);
        seen!.Role.ShouldBe(Access.Owner);
    }

    private async Task<int> SameAsync(Func<Guid, Task<HttpResponseMessage>> ask, Guid foreign)
    {
        using var yours = await ask(foreign);
        using var nobodys = await ask(Guid.CreateVersion7());
        yours.StatusCode.ShouldBe(nobodys.StatusCode);
        WithoutTrace(await yours.Content.ReadAsStringAsync(_ct)).ShouldBe(WithoutTrace(await nobodys.Content.ReadAsStringAsync(_ct)));
        return (int)yours.StatusCode;
    }

    private static string WithoutTrace(string body) =>
        System.Text.RegularExpressions.Regex.Replace(body, "\"traceId\":\"[^\"]*\"", "", default, TimeSpan.FromSeconds(1));

    private Task<HttpResponseMessage> ChangeRoleAsync(HttpClient client, Guid id, string role) =>
        client.PutAsJsonAsync($"/api/members/{id}/role", new { role }, _ct);

    private Task<HttpResponseMessage> RemoveAsync(HttpClient client, Guid id) => client.DeleteAsync($"/api/members/{id}", _ct);

    private Task<HttpResponseMessage> InviteAsync(HttpClient client, string email, string role) =>
        client.PostAsJsonAsync("/api/invitations", new { email, role }, _ct);
}
