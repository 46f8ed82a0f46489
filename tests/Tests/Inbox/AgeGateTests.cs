using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Inbox;

/// <summary>On a database of its own, under a policy that names an age.</summary>
public sealed class AgeGateTests(TestCluster cluster) : IAsyncLifetime
{
    private TestHost _host = null!;
    private Workspace _workspace = null!;
    private TestMember _owner = null!;
    private string _key = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await cluster.StartHostAsync(background: false, settings: options => options with { Policies = new PolicyOptions("shop") });
        await PublishAsync("1", 16, "if_chosen");
        _workspace = await _host.OpenWorkspaceAsync();
        _owner = await _host.JoinAsync(_workspace, Access.Owner);
        _key = await WidgetVisitor.WidgetKeyAsync(_host, _workspace);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Where_the_age_is_asked_for_nothing_is_stored_of_who_has_not_said_that_they_are_as_old()
    {
        using var before = await WidgetVisitor.ArriveAsync(_host, _workspace);
        (await ConfigAsync()).GetProperty("age").ValueKind.ShouldBe(JsonValueKind.Null);

        (await SetAsync(ask: true)).ShouldBe(HttpStatusCode.NoContent);

        var asked = (await ConfigAsync()).GetProperty("age");
        asked.EnumerateObject().Count().ShouldBe(5);
        asked.GetProperty("en").GetProperty("yes").GetString().ShouldBe("16 or older");
        var visitors = await CountAsync("inbox.visitor");
        (await OpenAsync(null)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await OpenAsync(false)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await CountAsync("inbox.visitor")).ShouldBe(visitors);
        // Whose session is from before is asked as well.
        (await SayAsync(before.Token)).ShouldBe(HttpStatusCode.Conflict);
        (await OpenAsync(null, before.Token)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await CountAsync("inbox.message")).ShouldBe(0);

        var (status, token) = await OpenAsync(true);
        status.ShouldBe(HttpStatusCode.OK);
        (await SayAsync(token!)).ShouldBe(HttpStatusCode.Accepted);
        // Said once, it counts as long as they are known.
        (await OpenAsync(null, token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await SetAsync(ask: null)).ShouldBe(HttpStatusCode.NoContent);
        (await OpenAsync(null)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await SetAsync(ask: false)).ShouldBe(HttpStatusCode.NoContent);
        (await OpenAsync(null)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_policy_names_the_age_and_whether_it_may_be_left_out()
    {
        await PublishAsync("2", 18, "always");

        (await ConfigAsync()).GetProperty("age").GetProperty("de").GetProperty("no").GetString().ShouldBe("Jünger als 18");
        (await OpenAsync(null)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await OpenAsync(true)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SetAsync(ask: false)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private async Task<JsonElement> ConfigAsync()
    {
        using var client = _host.Client();
        return await client.GetFromJsonAsync<JsonElement>($"/api/widget/{_key}/config", Ct);
    }

    private async Task<(HttpStatusCode StatusCode, string? Token)> OpenAsync(bool? ofAge, string? visitorToken = null)
    {
        using var client = _host.Client();
        object body = ofAge is { } said
            ? new
            {
                language = "en",
                ofAge = said,
                visitorToken,
            }
            : new { language = "en", visitorToken };
        using var response = await client.PostAsJsonAsync($"/api/widget/{_key}/sessions", body, Ct);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Ct);
        return (response.StatusCode, answer.TryGetProperty("token", out var token) ? token.GetString() : null);
    }

    private async Task<HttpStatusCode> SayAsync(string token)
    {
        using var client = _host.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.PostAsJsonAsync(
            "/api/widget/messages",
            new { clientId = Guid.CreateVersion7(), text = "Is Zermatt far?" },
            Ct
        );
        return response.StatusCode;
    }

    private async Task<HttpStatusCode> SetAsync(bool? ask)
    {
        var settings = (await _owner.Client.GetFromJsonAsync<JsonElement>("/api/widget-settings", Ct)).GetProperty("settings");
        var edit = settings.EnumerateObject().ToDictionary(field => field.Name, field => (object?)field.Value, StringComparer.Ordinal);
        edit["askAge"] = ask;
        using var response = await _owner.Client.PutAsJsonAsync("/api/widget-settings", edit, Ct);
        return response.StatusCode;
    }

    private Task<long> CountAsync(string table) =>
        _host.AsOwnerAsync<long>($"select count(*) from {table} where workspace_id = $1", _workspace.Id);

    private Task PublishAsync(string version, int age, string asked) =>
        _host
            .Services.GetRequiredService<PublishPolicy>()
            .RunAsync(
                [
                    (
                        "shop.yaml",
                        Encoding.UTF8.GetBytes(
                            $"""
                            policy: shop
                            version: {version}
                            effective: 2026-01-01
                            notice: 1 day
                            promises:
                              - id: shop.1
                                says: The chat is not for children.
                                claim: age_gate
                                age: {age}
                                asked: {asked}
                            """
                        )
                    ),
                ],
                null,
                Ct
            );
}
