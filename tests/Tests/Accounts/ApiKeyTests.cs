using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class ApiKeyTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_personal_key_reaches_what_its_scopes_and_its_member_reach()
    {
        var (workspace, member) = await MemberAsync(Access.Agent);
        var (_, secret) = await MakeAsync(member.Client, new { name = "script", scopes = Scopes("members:read", "workspace:write") });
        using var program = Program(secret);

        (await StatusAsync(program, HttpMethod.Get, "/api/members")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(program, HttpMethod.Get, "/api/inbox/conversations/")).ShouldBe(
            HttpStatusCode.Forbidden,
            "the scope is missing"
        );
        (await StatusAsync(program, HttpMethod.Put, "/api/workspace", new { name = "x", language = "en" })).ShouldBe(
            HttpStatusCode.Forbidden,
            "an agent does not change the workspace"
        );
        (
            await _host.AsOwnerAsync<long>(
                "select count(*) from accounts.api_key where workspace_id = $1 and last_used_at is not null",
                workspace.Id
            )
        ).ShouldBe(1);
    }

    [Fact]
    public async Task A_key_of_the_workspace_acts_as_itself_with_its_role()
    {
        var (workspace, owner) = await MemberAsync(Access.Owner);
        var (id, secret) = await MakeAsync(
            owner.Client,
            new
            {
                name = "site",
                role = "admin",
                scopes = Scopes("workspace:write", "inbox:write"),
            }
        );
        using var program = Program(secret);

        using var changed = await program.PutAsJsonAsync("/api/workspace", new { name = "Renamed", language = "en" }, _ct);

        changed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (
            await _host.AsOwnerAsync<string>(
                "select actor_kind || ' ' || actor_id from audit.entry where workspace_id = $1 and action = 'workspace.changed'",
                workspace.Id
            )
        ).ShouldBe($"key {id}");
        // What stands under a person's name is not for a key that is nobody.
        (
            await StatusAsync(
                program,
                HttpMethod.Post,
                $"/api/inbox/conversations/{Guid.CreateVersion7()}/messages",
                new { text = "x", note = false }
            )
        ).ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_key_is_shown_once_and_only_its_hash_is_kept()
    {
        var (workspace, member) = await MemberAsync(Access.Viewer);
        var (id, secret) = await MakeAsync(member.Client, new { name = "script", scopes = Scopes("members:read") });

        secret.ShouldStartWith("tk_");
        var listed = await member.Client.GetStringAsync("/api/api-keys", _ct);
        listed.ShouldContain(id.ToString());
        listed.ShouldContain(secret[..9]);
        listed.ShouldNotContain(secret);
        (await _host.AsOwnerAsync<string>("select k::text from accounts.api_key k where id = $1", id))!.ShouldNotContain(secret[9..]);
        (await _host.AsOwnerAsync<byte[]>("select token_hash from accounts.api_key where id = $1", id)).ShouldBe(Secrets.Hash(secret));
        (
            await _host.AsOwnerAsync<bool>(
                "select bool_or(e::text like '%' || $2 || '%') from audit.entry e where workspace_id = $1",
                workspace.Id,
                secret[3..]
            )
        ).ShouldBeFalse();
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once()
    {
        var (_, member) = await MemberAsync(Access.Viewer);
        var (id, secret) = await MakeAsync(member.Client, new { name = "script", scopes = Scopes("members:read") });
        using var program = Program(secret);
        (await StatusAsync(program, HttpMethod.Get, "/api/members")).ShouldBe(HttpStatusCode.OK);

        (await StatusAsync(member.Client, HttpMethod.Delete, $"/api/api-keys/{id}")).ShouldBe(HttpStatusCode.NoContent);

        using var refused = await program.GetAsync("/api/members", _ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        refused.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer error=\"invalid_token\"");
        (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain("Make a new one");
    }

    [Fact]
    public async Task A_key_ends_when_it_expires_and_when_its_member_leaves()
    {
        var clock = new MovableTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var workspace = await host.OpenWorkspaceAsync();
        var (owner, member) = (await host.JoinAsync(workspace, Access.Owner), await host.JoinAsync(workspace, Access.Viewer));
        var (_, brief) = await MakeAsync(
            member.Client,
            new
            {
                name = "brief",
                scopes = Scopes("members:read"),
                expiresInDays = 1,
            }
        );
        var (_, lasting) = await MakeAsync(member.Client, new { name = "lasting", scopes = Scopes("members:read") });
        using var first = Program(brief, host);
        using var second = Program(lasting, host);
        (await StatusAsync(first, HttpMethod.Get, "/api/members")).ShouldBe(HttpStatusCode.OK);

        (await StatusAsync(owner.Client, HttpMethod.Delete, $"/api/members/{member.Member.Id}")).ShouldBe(HttpStatusCode.NoContent);
        (await StatusAsync(second, HttpMethod.Get, "/api/members")).ShouldBe(HttpStatusCode.Unauthorized);

        var (_, owned) = await MakeAsync(
            owner.Client,
            new
            {
                name = "brief",
                scopes = Scopes("members:read"),
                expiresInDays = 1,
            }
        );
        using var third = Program(owned, host);
        (await StatusAsync(third, HttpMethod.Get, "/api/members")).ShouldBe(HttpStatusCode.OK);
        clock.Move(TimeSpan.FromDays(1));
        (await StatusAsync(third, HttpMethod.Get, "/api/members")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_key_made_to_name_another_workspace_is_nobodys()
    {
        var (_, member) = await MemberAsync(Access.Owner);
        var (other, _) = await MemberAsync(Access.Owner);
        var (_, secret) = await MakeAsync(member.Client, new { name = "script", scopes = Scopes("members:read") });
        var foreign = secret[..^22] + System.Buffers.Text.Base64Url.EncodeToString(other.Id.ToByteArray(bigEndian: true));
        string[] forged =
        [
            foreign,
            secret[..^1],
            secret + "A",
            "tk_",
            "tk_" + new string('=', 54),
            "tk_" + new string('A', 54),
            secret.ToUpperInvariant(),
        ];
        foreach (var key in forged)
        {
            using var program = _host.Client();
            program.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
            (await StatusAsync(program, HttpMethod.Get, "/api/members")).ShouldBe(HttpStatusCode.Unauthorized, key[..3] + key.Length);
        }
    }

    [Fact]
    public async Task No_key_makes_keys_changes_roles_or_opens_pages()
    {
        var (_, owner) = await MemberAsync(Access.Owner);
        var all = await owner.Client.GetFromJsonAsync<string[]>("/api/api-keys/scopes", _ct);
        var (_, secret) = await MakeAsync(owner.Client, new { name = "all", scopes = all });
        using var program = Program(secret);
        program.DefaultRequestHeaders.Add("Accept", "text/html");

        (await StatusAsync(program, HttpMethod.Post, "/api/api-keys", new { name = "child", scopes = all })).ShouldBe(
            HttpStatusCode.Forbidden
        );
        (await StatusAsync(program, HttpMethod.Put, $"/api/members/{owner.Member.Id}/role", new { role = "viewer" })).ShouldBe(
            HttpStatusCode.Forbidden
        );
        (await StatusAsync(program, HttpMethod.Post, "/api/invitations", new { email = "a@example.org", role = "owner" })).ShouldBe(
            HttpStatusCode.Forbidden
        );
        (await StatusAsync(program, HttpMethod.Get, "/members")).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Only_admins_make_and_see_keys_of_the_workspace_and_a_member_revokes_only_their_own()
    {
        var (workspace, owner) = await MemberAsync(Access.Owner);
        var agent = await _host.JoinAsync(workspace, Access.Agent);
        var (id, _) = await MakeAsync(
            owner.Client,
            new
            {
                name = "site",
                role = "viewer",
                scopes = Scopes("members:read"),
            }
        );

        using var refused = await agent.Client.PostAsJsonAsync(
            "/api/api-keys",
            new
            {
                name = "x",
                role = "viewer",
                scopes = Scopes("members:read"),
            },
            _ct
        );
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await agent.Client.GetStringAsync("/api/api-keys", _ct)).ShouldBe("[]");
        (await StatusAsync(agent.Client, HttpMethod.Delete, $"/api/api-keys/{id}")).ShouldBe(HttpStatusCode.NotFound);
        var (_, stranger) = await MemberAsync(Access.Owner);
        (await StatusAsync(stranger.Client, HttpMethod.Delete, $"/api/api-keys/{id}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"name":"","scopes":["members:read"]}""", "name")]
    [InlineData("""{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["members:destroy"]}""", "scopes")]
    [InlineData("""{"name":"x","role":"owner","scopes":["members:read"]}""", "role")]
    [InlineData("""{"name":"x","scopes":["members:read"],"expiresInDays":0}""", "expiresInDays")]
    [InlineData("""{"name":"x","scopes":["members:read"],"requestsPerMinute":-1}""", "requestsPerMinute")]
    public async Task What_cannot_be_a_key_is_refused_by_field(string body, string field)
    {
        var (_, owner) = await MemberAsync(Access.Owner);

        using var refused = await owner.Client.PostAsync(
            "/api/api-keys",
            new StringContent(body, MediaTypeHeaderValue.Parse("application/json")),
            _ct
        );

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await refused.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    private async Task<(Workspace Workspace, TestMember Member)> MemberAsync(string role)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        return (workspace, await _host.JoinAsync(workspace, role));
    }

    private HttpClient Program(string secret, TestHost? host = null)
    {
        var client = (host ?? _host).Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        client.DefaultRequestHeaders.Add("If-Match", "*");
        return client;
    }

    private async Task<(Guid Id, string Secret)> MakeAsync(HttpClient client, object body)
    {
        using var made = await client.PostAsJsonAsync("/api/api-keys", body, _ct);
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync(_ct));
        var json = await made.Content.ReadFromJsonAsync<JsonElement>(_ct);
        return (json.GetProperty("key").GetProperty("id").GetGuid(), json.GetProperty("secret").GetString()!);
    }

    private async Task<HttpStatusCode> StatusAsync(HttpClient client, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await client.SendAsync(request, _ct);
        return response.StatusCode;
    }

    private static string[] Scopes(params string[] scopes) => scopes;
}
