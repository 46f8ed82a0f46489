using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>What a hostile client tries with tokens (RFC 8725), over HTTP.</summary>
public sealed class UserTokenTests(TestCluster cluster) : IAsyncLifetime
{
    private FakeOdoo _odoo = null!;
    private OdooTenant _tenant = null!;

    public async ValueTask InitializeAsync()
    {
        _odoo = await FakeOdoo.StartAsync();
        _tenant = await OdooTenant.ConnectAsync(cluster.Host, _odoo);
    }

    public async ValueTask DisposeAsync()
    {
        _tenant.Dispose();
        await _odoo.DisposeAsync();
    }

    [Fact]
    public async Task A_token_as_the_addon_makes_it_is_taken() => (await CodeAsync(_tenant.Token(7, null))).ShouldBe("201");

    [Fact]
    public async Task Alg_none_and_other_algorithms_are_refused()
    {
        var token = _tenant.Token(7, null, header: head => head["alg"] = "none");
        (await CodeAsync(token)).ShouldBe("token_malformed");
        (await CodeAsync(token[..(token.LastIndexOf('.') + 1)])).ShouldBe("token_malformed");
        (await CodeAsync(_tenant.Token(7, null, header: head => head["alg"] = "ES384"))).ShouldBe("token_malformed");
        (await CodeAsync(_tenant.Token(7, null, header: head => head["alg"] = "es256"))).ShouldBe("token_malformed");
    }

    [Fact]
    public async Task The_public_key_is_no_secret_to_sign_with()
    {
        var token = _tenant.Token(7, null, header: head => head["alg"] = "HS256");
        var signed = token[..token.LastIndexOf('.')];
        foreach (
            var secret in new[]
            {
                _tenant.Key.ExportSubjectPublicKeyInfo(),
                Encoding.ASCII.GetBytes(_tenant.Key.ExportSubjectPublicKeyInfoPem()),
            }
        )
        {
            var mac = HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed));
            (await CodeAsync(signed + "." + Base64Url.EncodeToString(mac))).ShouldBe("token_malformed");
        }
    }

    [Fact]
    public async Task A_key_that_comes_along_is_not_used()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await CodeAsync(_tenant.Token(7, null, key: own))).ShouldBe("token_signature");
        (await CodeAsync(_tenant.Token(7, null, header: head => head["jwk"] = OdooTenant.Jwk(own), key: own))).ShouldBe("token_malformed");
        (await CodeAsync(_tenant.Token(7, null, header: head => head["jku"] = "https://evil.test/keys"))).ShouldBe("token_malformed");
        (await CodeAsync(_tenant.Token(7, null, header: head => head["crit"] = new JsonArray("b64")))).ShouldBe("token_malformed");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("' or 1=1 --")]
    [InlineData("")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task A_key_id_is_an_id_and_nothing_else(string kid) =>
        (await CodeAsync(_tenant.Token(7, null, header: head => head["kid"] = kid))).ShouldBe(
            Guid.TryParse(kid, out _) ? "token_signature" : "token_malformed"
        );

    [Fact]
    public async Task Another_tenants_token_key_or_name_is_refused()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var other = await OdooTenant.ConnectAsync(cluster.Host, odoo);

        (await CodeAsync(_tenant.Token(7, null, header: head => head["kid"] = other.Kid))).ShouldBe("token_signature");
        (await CodeAsync(_tenant.Token(7, null, claims => (claims["iss"], claims["sub"]) = (other.Tenant, other.Tenant)))).ShouldBe(
            "token_signature"
        );
        (
            await CodeAsync(
                _tenant.Token(
                    7,
                    null,
                    claims => (claims["iss"], claims["sub"]) = (other.Tenant, other.Tenant),
                    head => head["kid"] = other.Kid
                )
            )
        ).ShouldBe("token_signature");
        // A grant of one is none of the other's.
        var grant = await other.GrantAsync(7);
        using var answer = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/turns", _tenant.Token(7, grant.Sid), new { });
        (await CodeOfAsync(answer)).ShouldBe("grant_ended");
    }

    [Theory]
    [InlineData("aud", "https://other.test", "token_audience")]
    [InlineData("db", "other", "token_database")]
    [InlineData("sub", "someone", "token_malformed")]
    [InlineData("uid", "7", "token_malformed")]
    [InlineData("uid", -1, "token_malformed")]
    [InlineData("uid", 1.5, "token_malformed")]
    [InlineData("grp", "root", "token_malformed")]
    [InlineData("jti", "1", "token_malformed")]
    [InlineData("sid", "x", "token_malformed")]
    [InlineData("exp", "soon", "token_malformed")]
    public async Task Each_claim_must_be_what_it_is(string claim, object value, string code) =>
        (await CodeAsync(_tenant.Token(7, null, claims => claims[claim] = JsonSerializer.SerializeToNode(value)))).ShouldBe(code);

    [Theory]
    [InlineData("iss")]
    [InlineData("aud")]
    [InlineData("db")]
    [InlineData("uid")]
    [InlineData("iat")]
    [InlineData("nbf")]
    [InlineData("exp")]
    [InlineData("jti")]
    [InlineData("grp")]
    public async Task No_claim_may_be_missing(string claim) =>
        (await CodeAsync(_tenant.Token(7, null, claims => claims.Remove(claim)))).ShouldStartWith("token_");

    [Theory]
    [InlineData(-901, 900, "token_expired")]
    [InlineData(-890, 900, "201")]
    [InlineData(0, 901, "token_malformed")]
    [InlineData(0, 0, "token_malformed")]
    [InlineData(290, 900, "201")]
    [InlineData(320, 900, "token_not_yet")]
    [InlineData(-290, 900, "201")]
    public async Task Time_counts_with_five_minutes_of_a_fast_clock(int issued, int life, string code)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + issued;
        var token = _tenant.Token(7, null, claims => (claims["iat"], claims["nbf"], claims["exp"]) = (now, now, now + life));
        (await CodeAsync(token)).ShouldBe(code);
    }

    [Fact]
    public async Task A_token_is_good_for_one_request()
    {
        var token = _tenant.Token(7, null);
        (await CodeAsync(token)).ShouldBe("201");
        (await CodeAsync(token)).ShouldBe("token_replayed");

        var racing = _tenant.Token(7, null);
        var codes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CodeAsync(racing)));
        codes.Count(code => code == "201").ShouldBe(1);
    }

    [Fact]
    public async Task Broken_oversized_and_doubled_tokens_are_refused()
    {
        var token = _tenant.Token(7, null);
        (await CodeAsync(null)).ShouldBe("token_missing");
        (await CodeAsync("x")).ShouldBe("token_malformed");
        (await CodeAsync(token + ".x")).ShouldBe("token_malformed");
        (await CodeAsync(token[..^2])).ShouldBe("token_signature");
        (await CodeAsync(_tenant.Token(7, null, claims => claims["companies"] = new string('x', 3000)))).ShouldBe("token_malformed");
        var parts = token.Split('.');
        var twice = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("{", "{\"uid\":1,", StringComparison.Ordinal);
        var text = parts[0] + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(twice));
        var signature = _tenant.Key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256);
        (await CodeAsync(text + "." + Base64Url.EncodeToString(signature))).ShouldBe("token_malformed");
    }

    [Fact]
    public async Task A_page_of_another_origin_is_refused_and_reads_nothing()
    {
        using var foreign = await _tenant.SendAsync(
            HttpMethod.Post,
            "/api/copilot/grants",
            _tenant.Token(7, null),
            origin: "https://evil.test"
        );
        (await CodeOfAsync(foreign)).ShouldBe("origin");
        foreign.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        var own = _odoo.Address.GetLeftPart(UriPartial.Authority);
        using var panel = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/grants", _tenant.Token(7, null), origin: own);
        panel.StatusCode.ShouldBe(HttpStatusCode.Created);
        panel.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([own]);
        // The panel may read why it was refused.
        using var refused = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/turns", _tenant.Token(7, null), new { }, origin: own);
        refused.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([own]);
    }

    [Fact]
    public async Task A_refresh_token_works_once_and_its_reuse_ends_the_grant()
    {
        var grant = await _tenant.GrantAsync(7);
        var second = await RefreshAsync(7, grant.Sid, grant.Refresh);
        second.Code.ShouldBe("200");

        (await RefreshAsync(7, grant.Sid, grant.Refresh)).Code.ShouldBe("grant_ended");
        (await RefreshAsync(7, grant.Sid, second.Token!)).Code.ShouldBe("grant_ended");
        using var turn = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/turns", _tenant.Token(7, grant.Sid), new { });
        (await CodeOfAsync(turn)).ShouldBe("grant_ended");
    }

    [Fact]
    public async Task Nobody_else_refreshes_a_grant_and_nonsense_ends_none()
    {
        var grant = await _tenant.GrantAsync(7);
        (await RefreshAsync(7, grant.Sid, "nonsense")).Code.ShouldBe("grant_ended");
        var second = await RefreshAsync(7, grant.Sid, grant.Refresh);
        second.Code.ShouldBe("200");
        (await RefreshAsync(8, grant.Sid, second.Token!)).Code.ShouldBe("grant_ended");
        (await RefreshAsync(7, grant.Sid, second.Token!)).Code.ShouldBe("grant_ended");
    }

    [Fact]
    public async Task A_grant_that_was_not_refreshed_is_stale_until_it_is()
    {
        var grant = await _tenant.GrantAsync(7);
        await cluster.Host.AsOwnerAsync<int>(
            "update odoo.panel_grant set good_until = now() where workspace_id = $1 returning 1",
            _tenant.Workspace.Id
        );
        using var stale = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/turns", _tenant.Token(7, grant.Sid), new { });
        (await CodeOfAsync(stale)).ShouldBe("grant_stale");
        (await RefreshAsync(7, grant.Sid, grant.Refresh)).Code.ShouldBe("200");
        using var good = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/turns", _tenant.Token(7, grant.Sid), new { });
        good.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private async Task<(string Code, string? Token)> RefreshAsync(int uid, string grant, string refresh)
    {
        using var answer = await _tenant.SendAsync(
            HttpMethod.Post,
            "/api/copilot/grants/refresh",
            _tenant.Token(uid, grant),
            new { refresh_token = refresh }
        );
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return (json["code"]?.GetValue<string>() ?? $"{(int)answer.StatusCode}", json["refresh_token"]?.GetValue<string>());
    }

    private async Task<string> CodeAsync(string? token)
    {
        using var answer = await _tenant.SendAsync(HttpMethod.Post, "/api/copilot/grants", token);
        return await CodeOfAsync(answer);
    }

    private static async Task<string> CodeOfAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        return (body.Length > 0 ? JsonNode.Parse(body)!["code"]?.GetValue<string>() : null) ?? $"{(int)answer.StatusCode}";
    }
}
