using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class InvitationTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly string _guest = $"{Secrets.Token(9).ToLowerInvariant()}@example.org";

    [Fact]
    public async Task The_letters_link_makes_a_member_once()
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        var token = await InviteAsync(_host, owner.Client, Access.Agent);
        var browser = new Browser(_host, _ct);
        using (var page = await browser.GetAsync("/invitations/" + token))
        {
            (await page.Content.ReadAsStringAsync(_ct)).ShouldContain("Join Test shop");
        }

        (await AcceptAsync(browser, token, "Kim")).ShouldBe("/");

        var members = await owner.Client.GetFromJsonAsync<PageOf<MemberView>>("/api/members", _ct);
        var kim = members!.Items.Single(member => member.Email.Equals(_guest, StringComparison.Ordinal));
        (kim.Name, kim.Role).ShouldBe(("Kim", Access.Agent));
        (await browser.IsSignedInAsync()).ShouldBeTrue();
        (await owner.Client.GetFromJsonAsync<PageOf<InvitationView>>("/api/invitations", _ct))!.Items.ShouldBeEmpty();
        (await AcceptAsync(new Browser(_host, _ct), token, "Mallory")).ShouldBe("/invitations/gone");
    }

    [Fact]
    public async Task Of_parallel_acceptances_one_wins()
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        var token = await InviteAsync(_host, owner.Client, Access.Agent);

        var ends = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => AcceptAsync(new Browser(_host, _ct), token, $"Kim {n}")));

        ends.Count(end => end is "/").ShouldBe(1);
        (await owner.Client.GetFromJsonAsync<PageOf<MemberView>>("/api/members", _ct))!.Items.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_invitation_is_good_for_seven_days()
    {
        var clock = new MovableTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        var late = await InviteAsync(host, owner.Client, Access.Agent);

        clock.Move(TimeSpan.FromDays(7));
        (await AcceptAsync(new Browser(host, _ct), late, "Kim")).ShouldBe("/invitations/gone");

        // Inviting asks for a fresh proof of who it is.
        var fresh = await host.JoinAsync(workspace, Access.Owner);
        var soon = await InviteAsync(host, fresh.Client, Access.Agent);
        clock.Move(TimeSpan.FromDays(6.9));
        (await AcceptAsync(new Browser(host, _ct), soon, "Kim")).ShouldBe("/");
    }

    [Fact]
    public async Task A_withdrawn_or_replaced_invitation_is_gone()
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        var first = await InviteAsync(_host, owner.Client, Access.Admin);
        var second = await InviteAsync(_host, owner.Client, Access.Viewer);
        (await AcceptAsync(new Browser(_host, _ct), first, "Kim")).ShouldBe("/invitations/gone");

        var waiting = await owner.Client.GetFromJsonAsync<PageOf<InvitationView>>("/api/invitations", _ct);
        var id = waiting!.Items.ShouldHaveSingleItem().Id;
        (await owner.Client.DeleteAsync($"/api/invitations/{id}", _ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await AcceptAsync(new Browser(_host, _ct), second, "Kim")).ShouldBe("/invitations/gone");
    }

    [Fact]
    public async Task A_token_names_its_own_workspace_only()
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        var token = await InviteAsync(_host, owner.Client, Access.Agent);
        var other = await _host.OpenWorkspaceAsync();

        (await AcceptAsync(new Browser(_host, _ct), other.Id.ToString("N") + token[32..], "Kim")).ShouldBe("/invitations/gone");
        (await AcceptAsync(new Browser(_host, _ct), Guid.CreateVersion7().ToString("N") + token[32..], "Kim")).ShouldBe(
            "/invitations/gone"
        );
        (await AcceptAsync(new Browser(_host, _ct), "nonsense", "Kim")).ShouldBe("/invitations/gone");
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\u0001b")]
    public async Task Without_a_usable_name_the_invitation_waits(string name)
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        var token = await InviteAsync(_host, owner.Client, Access.Agent);

        (await AcceptAsync(new Browser(_host, _ct), token, name)).ShouldBe($"/invitations/{token}?notice=name");
        (await AcceptAsync(new Browser(_host, _ct), token, "Kim")).ShouldBe("/");
    }

    [Fact]
    public async Task Who_is_a_member_already_is_not_invited()
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);

        using var refused = await owner.Client.PostAsJsonAsync(
            "/api/invitations",
            new { email = owner.Member.Email, role = Access.Agent },
            _ct
        );

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private async Task<string> InviteAsync(TestHost host, HttpClient client, string role)
    {
        using var invited = await client.PostAsJsonAsync("/api/invitations", new { email = _guest, role }, _ct);
        invited.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await host.LinksAsync(_guest, _ct))[0].Segments[^1];
    }

    private static async Task<string> AcceptAsync(Browser browser, string token, string name)
    {
        using var accepted = await browser.PostAsync("/invitations/acceptances", ("token", token), ("name", name));
        return accepted.Headers.Location!.ToString();
    }
}
