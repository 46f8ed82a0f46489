using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Guards;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class StepUpTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_dangerous_asks_again_who_it_is_after_ten_minutes()
    {
        var clock = new MovableTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var workspace = await host.OpenWorkspaceAsync();
        var (owner, agent) = (await host.JoinAsync(workspace, Access.Owner), await host.JoinAsync(workspace, Access.Agent));
        var role = $"/api/members/{agent.Member.Id}/role";
        using (var changed = await owner.Client.PutAsJsonAsync(role, new { role = "admin" }, _ct))
        {
            changed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        clock.Move(TimeSpan.FromMinutes(10));

        using var refused = await owner.Client.PutAsJsonAsync(role, new { role = "viewer" }, _ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain("tenet:step-up");
        (await owner.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        // The assistant's settings may be changed, but not the key.
        (await SettingsAsync(owner.Client, key: null)).ShouldBe(HttpStatusCode.OK);
        (await SettingsAsync(owner.Client, key: "sk-another-key")).ShouldBe(HttpStatusCode.Forbidden);

        var browser = new Browser(host, _ct) { Cookie = owner.Cookie["tenet_session=".Length..] };
        using (var asked = await browser.PostAsync("/sign-in/again/links", ("returnUrl", "/members")))
        {
            asked.Headers.Location!.ToString().ShouldBe("/sign-in/sent");
        }
        var link = await host.NextLinkAsync(owner.Member.Email, _ct);
        (await browser.RedeemAsync(link.Segments[^1])).ShouldBe("/members");

        using var repeated = new HttpRequestMessage(HttpMethod.Put, role) { Content = JsonContent.Create(new { role = "viewer" }) };
        repeated.Headers.Add("Cookie", "tenet_session=" + browser.Cookie);
        using var client = host.Client();
        using var done = await client.SendAsync(repeated, _ct);
        done.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await owner.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, "the old session is replaced");
    }

    [Fact]
    public void Dangerous_endpoints_ask_for_a_fresh_proof_and_let_no_key_in() =>
        cluster
            .Host.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.Where(endpoint => endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy is Access.StepUp))
            .ShouldAllBe(endpoint =>
                endpoint.Metadata.GetMetadata<ApiScope>() == null || endpoint.Metadata.GetMetadata<ApiScope>()!.Name == null
            );

    [Theory]
    [InlineData("PUT /api/members/{id:guid}/role")]
    [InlineData("DELETE /api/members/{id:guid}")]
    [InlineData("POST /api/invitations")]
    [InlineData("POST /api/api-keys")]
    [InlineData("PUT /api/widget-settings/identity-secret")]
    [InlineData("GET /api/audit/export")]
    public void These_are_dangerous(string name) =>
        cluster
            .Host.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.Single(endpoint => EndpointGuard.Name(endpoint).TrimEnd('/') == name)
            .Metadata.GetOrderedMetadata<IAuthorizeData>()
            .ShouldContain(data => data.Policy == Access.StepUp);

    private async Task<HttpStatusCode> SettingsAsync(HttpClient client, string? key)
    {
        using var answer = await client.PutAsJsonAsync("/api/assistant/settings", new { provider = "excerpts", key }, _ct);
        return answer.StatusCode;
    }
}
