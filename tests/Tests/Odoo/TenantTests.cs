using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Odoo;

public sealed class TenantTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task A_code_connects_once_and_a_second_Odoo_must_wait()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);

        (await CodeOfAsync(await tenant.RegisterAsync(await tenant.CodeAsync()))).ShouldBe("connected");
        (await CodeOfAsync(await tenant.RegisterAsync("tnt_" + new string('A', 43)))).ShouldBe("code_invalid");
        var older = await tenant.CodeAsync();
        await tenant.CodeAsync();
        (await CodeOfAsync(await tenant.RegisterAsync(older))).ShouldBe("code_invalid");
        (
            await _host.AsOwnerAsync<string>("select version || ' ' || uid from odoo.terms where workspace_id = $1", tenant.Workspace.Id)
        ).ShouldBe("2026-11 2");
    }

    [Theory]
    [InlineData("url", "https://10.0.0.7", "url_invalid")]
    [InlineData("url", "https://127.0.0.1", "url_invalid")]
    [InlineData("url", "https://169.254.169.254/latest", "url_invalid")]
    [InlineData("url", "http://odoo.example.com", "url_invalid")]
    [InlineData("url", "https://u:p@odoo.example.com", "url_invalid")]
    [InlineData("url", "https://odoo.example.com/?x=1", "url_invalid")]
    [InlineData("url", "file:///etc/passwd", "url_invalid")]
    [InlineData("database", "a b", "url_invalid")]
    [InlineData("odoo", "eighteen", "version_invalid")]
    [InlineData("code", "tnt_x", "code_invalid")]
    public async Task What_cannot_be_is_refused_by_name(string field, string value, string code)
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = new OdooTenant(_host, await _host.OpenWorkspaceAsync(), odoo);

        using var answer = await tenant.RegisterAsync(
            await tenant.CodeAsync(),
            body =>
            {
                body["url"] = "https://odoo.example.com";
                body[field] = value;
            }
        );

        (await CodeOfAsync(answer)).ShouldBe(code);
    }

    [Fact]
    public async Task Terms_must_be_the_present_ones_and_the_key_the_signers()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = new OdooTenant(_host, await _host.OpenWorkspaceAsync(), odoo);
        using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var code = await tenant.CodeAsync();

        (await CodeOfAsync(await tenant.RegisterAsync(code, body => body["terms"]!["version"] = "2020-01"))).ShouldBe("terms_outdated");
        (await CodeOfAsync(await tenant.RegisterAsync(code, body => body["public_key"] = OdooTenant.Jwk(other)))).ShouldBe("key_invalid");
        (await CodeOfAsync(await tenant.RegisterAsync(code, body => body["public_key"]!["x"] = new string('A', 43)))).ShouldBe(
            "key_invalid"
        );
    }

    [Fact]
    public async Task A_check_says_whether_Odoo_is_reached_and_why_not()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        using var well = await tenant.SendSignedAsync("/api/copilot/check", "");
        JsonNode.Parse(await well.Content.ReadAsStringAsync())!["state"]!.GetValue<string>().ShouldBe("connected");

        odoo.Mood = OdooMood.Maintenance;
        using var ill = await tenant.SendSignedAsync("/api/copilot/check", "");
        JsonNode.Parse(await ill.Content.ReadAsStringAsync())!["reason"]!.GetValue<string>().ShouldBe("maintenance");
    }

    [Fact]
    public async Task A_signed_request_counts_once_in_its_time_by_its_tenant()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        const string Nonce = "AAAAAAAAAAAAAAAAAAAAAA";
        Task<HttpResponseMessage> Send(TimeSpan skew, string? nonce = null, System.Security.Cryptography.ECDsa? key = null) =>
            tenant.SendSignedAsync("/api/copilot/check", "", tenant.Tenant, tenant.Kid, skew, nonce, key);

        (await Send(TimeSpan.Zero, Nonce)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Send(TimeSpan.Zero, Nonce)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Send(TimeSpan.FromMinutes(4.9))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Send(TimeSpan.FromMinutes(-4.9))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Send(TimeSpan.FromMinutes(5.2))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Send(TimeSpan.FromMinutes(-5.2))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Send(TimeSpan.Zero, key: other)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Uninstalling_ends_all_tokens_and_the_sweep_deletes_what_was_kept()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(_host, odoo);
        var grant = await tenant.GrantAsync(7);

        using var gone = await tenant.SendSignedAsync("/api/copilot/disconnect", """{"reason":"uninstall"}""");
        gone.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var first = await gone.Content.ReadAsStringAsync();
        (
            await (await tenant.SendSignedAsync("/api/copilot/disconnect", """{"reason":"uninstall"}""")).Content.ReadAsStringAsync()
        ).ShouldBe(first);
        (await CodeOfAsync(await tenant.SendAsync(HttpMethod.Post, "/api/copilot/turns", tenant.Token(7, grant.Sid), new { }))).ShouldBe(
            "disconnected"
        );

        await _host.AsOwnerAsync<int>(
            "update odoo.tenant set disconnected_at = now() - interval '25 hours' where workspace_id = $1 returning 1",
            tenant.Workspace.Id
        );
        await _host.Door.RunAsync(
            tenant.Workspace.Id,
            Tenet.Kernel.Workspaces.Actor.System,
            async ctx =>
            {
                ctx.Enqueue("kernel.sweep", tenant.Workspace.Id);
                await Task.CompletedTask;
            },
            TestContext.Current.CancellationToken
        );
        await _host.WaitUntilAsync(
            "select not exists (select from odoo.tenant where workspace_id = $1) and not exists (select from odoo.panel_grant where workspace_id = $1) and not exists (select from odoo.terms where workspace_id = $1)",
            tenant.Workspace.Id
        );
    }

    private static async Task<string?> CodeOfAsync(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]?.GetValue<string>();
}
