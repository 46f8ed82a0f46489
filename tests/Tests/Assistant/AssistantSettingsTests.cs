using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Assistant;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Assistant;

public sealed class AssistantSettingsTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Key = "sk-test-0123456789-WXYZ";
    private readonly TestHost host = cluster.Host;
    private FakeModelServer server = null!;
    private Workspace workspace = null!;
    private HttpClient admin = null!;

    public async ValueTask InitializeAsync()
    {
        server = await FakeModelServer.StartAsync();
        host.Services.GetRequiredService<Egress>().AllowLoopback($"127.0.0.1:{server.Address.Port}");
        workspace = await host.OpenWorkspaceAsync();
        admin = await host.SignInAsync(workspace, Access.Admin);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Fresh_workspace_answers_from_its_pages()
    {
        var settings = await GetAsync();
        settings.GetProperty("provider").GetString().ShouldBe("excerpts");
        settings.GetProperty("keyEnding").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Key_is_sealed_and_only_its_last_characters_are_seen_again()
    {
        using var answer = await PutAsync(Form() with { Key = Key });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var body = await answer.Content.ReadAsStringAsync();
        body.ShouldNotContain(Key);
        body.ShouldContain("\"keyEnding\":\"WXYZ\"");
        (await GetAsync()).GetRawText().ShouldNotContain("0123456789");
        var stored = await host.AsOwnerAsync<byte[]>("select key from assistant.settings where workspace_id = $1", workspace.Id);
        System.Text.Encoding.Latin1.GetString(stored.ShouldNotBeNull()).ShouldNotContain("0123456789");
    }

    [Fact]
    public async Task Stored_key_stays_when_no_other_is_sent_and_goes_to_no_other_host()
    {
        await PutAsync(Form() with { Key = Key });
        using (var same = await PutAsync(Form() with { Tone = "Friendly." }))
            (await same.Content.ReadAsStringAsync()).ShouldContain("WXYZ");
        using (var other = await PutAsync(Form() with { Provider = "openai", BaseUrl = "https://other.example/v1" }))
        {
            other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
            (await other.Content.ReadAsStringAsync()).ShouldContain("\"key\"");
        }
        using var local = await PutAsync(Form() with { BaseUrl = "https://other.example/v1" });
        (await local.Content.ReadAsStringAsync()).ShouldContain("\"keyEnding\":null");
    }

    [Fact]
    public async Task Change_is_in_the_audit_trail_without_the_key_and_the_tone()
    {
        await PutAsync(Form() with { Key = Key, Tone = "Whisper like the wind" });
        var details = await host.AsOwnerAsync<string>(
            "select details from audit.entry where workspace_id = $1 and action = 'assistant.settings_changed'",
            workspace.Id
        );
        details.ShouldNotBeNull().ShouldContain("\"keyChanged\":true");
        details.ShouldNotContain("WXYZ");
        details.ShouldNotContain("Whisper");
    }

    [Theory]
    [InlineData("""{"provider":"acme"}""", "provider")]
    [InlineData("""{"provider":"compatible","model":"m","baseUrl":"ftp://x"}""", "baseUrl")]
    [InlineData("""{"provider":"compatible","model":"m","baseUrl":"https://user:pw@x.example"}""", "baseUrl")]
    [InlineData("""{"provider":"compatible","model":"","baseUrl":"https://x.example"}""", "model")]
    [InlineData("""{"provider":"openai","model":"m"}""", "key")]
    [InlineData("""{"provider":"excerpts","maxOutputTokens":1}""", "maxOutputTokens")]
    [InlineData("""{"provider":"excerpts","dailyTokens":-1}""", "dailyTokens")]
    [InlineData("""{"provider":"excerpts","linkHosts":["https://x.example/a"]}""", "linkHosts")]
    [InlineData("""{"provider":"compatible","model":"m","baseUrl":"https://x.example","key":"with space"}""", "key")]
    [InlineData("""{"provider":"anthropic","model":"m","key":"abcd","embeddingModel":"e"}""", "embeddingModel")]
    public async Task Wrong_field_is_named(string json, string field)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await admin.PutAsync("/api/assistant/settings", content);
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadAsStringAsync()).ShouldContain($"\"{field}\"");
    }

    [Theory]
    [InlineData("""{"provider":7}""")]
    [InlineData("""{"provider":"excerpts","surprise":1}""")]
    [InlineData("""{"provider":""")]
    public async Task What_is_not_the_form_is_refused(string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await admin.PutAsync("/api/assistant/settings", content);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(Access.Agent)]
    [InlineData(Access.Viewer)]
    public async Task Settings_are_for_admins(string role)
    {
        using var member = await host.SignInAsync(workspace, role);
        using var answer = await member.GetAsync("/api/assistant/settings");
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Key_test_says_that_it_works()
    {
        server.Key = Key;
        var test = await TestAsync(Form() with { Key = Key });
        test.GetProperty("works").GetBoolean().ShouldBeTrue();
        test.GetProperty("callsTools").GetBoolean().ShouldBeTrue();
        (await GetAsync()).GetProperty("provider").GetString().ShouldBe("excerpts", "a test stores nothing");
    }

    [Fact]
    public async Task Key_test_uses_the_stored_key_when_none_is_sent()
    {
        server.Key = Key;
        await PutAsync(Form() with { Key = Key });
        (await TestAsync(Form())).GetProperty("works").GetBoolean().ShouldBeTrue();
        server.Requests.ShouldAllBe(r => r.Key == Key);
    }

    [Theory]
    [InlineData(401, "refusedKey", "refused the key")]
    [InlineData(402, "noCredit", "credit")]
    [InlineData(404, "unknownModel", "no such model")]
    [InlineData(429, "rateLimited", "too many requests")]
    [InlineData(500, "overloaded", "overloaded")]
    public async Task Key_test_says_what_is_wrong_and_what_to_do(int status, string fault, string says)
    {
        server.Default = FakeReply.Error(status);
        var test = await TestAsync(Form() with { Key = Key });
        test.GetProperty("works").GetBoolean().ShouldBeFalse();
        test.GetProperty("fault").GetString().ShouldBe(fault);
        test.GetProperty("message").GetString().ShouldNotBeNull().ShouldContain(says);
    }

    [Fact]
    public async Task Key_test_tells_a_model_that_takes_no_tools()
    {
        server.Then(FakeReply.Error(400, "invalid_request_error"));
        var test = await TestAsync(Form());
        test.GetProperty("works").GetBoolean().ShouldBeTrue();
        test.GetProperty("callsTools").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("http://127.0.0.1:1/v1")]
    [InlineData("http://[::1]:5432")]
    [InlineData("http://10.0.0.1/v1")]
    public async Task Key_test_does_not_reach_into_private_networks(string baseUrl)
    {
        var test = await TestAsync(Form() with { BaseUrl = baseUrl });
        test.GetProperty("fault").GetString().ShouldBe("forbiddenAddress");
    }

    [Fact]
    public async Task Changed_settings_reach_the_next_turn()
    {
        var pipeline = host.Services.GetRequiredService<TurnPipeline>();
        var question = TurnHarness.Ask("Where is my parcel?") with { WorkspaceId = workspace.Id };
        (await TurnHarness.RunAsync(pipeline, question)).Outcome.Receipt.Provider.ShouldBe("excerpts");
        await PutAsync(Form() with { Key = Key });
        var trace = await TurnHarness.RunAsync(pipeline, question);
        trace.Outcome.Receipt.Provider.ShouldBe("compatible");
        server.Requests.Single().Key.ShouldBe(Key);
        server.Requests.Single().Body.ShouldContain("Test shop");
    }

    [Fact]
    public async Task Settings_of_another_workspace_are_out_of_sight()
    {
        await PutAsync(Form() with { Key = Key });
        var other = await host.OpenWorkspaceAsync();
        using var member = await host.SignInAsync(other, Access.Owner);
        (await member.GetFromJsonAsync<JsonElement>("/api/assistant/settings")).GetProperty("provider").GetString().ShouldBe("excerpts");
    }

    [Fact]
    public async Task Vectors_come_from_the_provider_that_offers_them()
    {
        var embed = host.Services.GetRequiredService<EmbedTexts>();
        (await embed(workspace.Id, ["a"], default)).ShouldBeNull();
        await PutAsync(Form() with { Key = Key, EmbeddingModel = "fake-embedding" });
        var vectors = (await embed(workspace.Id, ["aab", "h"], default)).ShouldNotBeNull();
        vectors.Model.ShouldBe("fake-embedding");
        vectors.Vectors[1].ShouldBe([0, 0, 0, 0, 0, 0, 0, 1]);
        vectors.Vectors[0][0].ShouldBe(2 / MathF.Sqrt(5), 0.0001f);
        server.Key = "another";
        await Should.ThrowAsync<EmbeddingsException>(() => embed(workspace.Id, ["a"], default));
    }

    private SettingsForm Form() =>
        new()
        {
            Provider = "compatible",
            Model = "fake",
            BaseUrl = server.OpenAi.AbsoluteUri,
            DailyTokens = 1000,
        };

    private Task<HttpResponseMessage> PutAsync(SettingsForm form) => admin.PutAsJsonAsync("/api/assistant/settings", form, Json);

    private async Task<JsonElement> TestAsync(SettingsForm form)
    {
        using var answer = await admin.PostAsJsonAsync("/api/assistant/key-test", form, Json);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task<JsonElement> GetAsync() => admin.GetFromJsonAsync<JsonElement>("/api/assistant/settings");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
