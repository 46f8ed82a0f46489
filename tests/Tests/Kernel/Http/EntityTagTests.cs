using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class EntityTagTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/workspace")]
    [InlineData("/api/widget-settings")]
    [InlineData("/api/assistant/settings")]
    [InlineData("/api/knowledge/answers/")]
    public async Task An_edit_names_what_it_changes_and_a_stale_one_is_refused(string path)
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        using var owner = await cluster.Host.SignInAsync(workspace, "owner");
        owner.DefaultRequestHeaders.Remove("If-Match");
        path = path.EndsWith('/') ? path + await AnswerAsync(owner) : path;

        // Reading may lay down what is missing; from then on the tag stays until something changes.
        using var first = await owner.GetAsync(path, _ct);
        using var read = await owner.GetAsync(path, _ct);
        var tag = read.Headers.ETag.ShouldNotBeNull().Tag;
        first.Headers.ETag!.Tag.ShouldBe(tag);

        var shown = await read.Content.ReadFromJsonAsync<JsonElement>(_ct);
        (await PutAsync(owner, path, shown, null)).ShouldBe(HttpStatusCode.PreconditionRequired);
        (await PutAsync(owner, path, shown, "\"of-something-else\"")).ShouldBe(HttpStatusCode.PreconditionFailed);
        ((int)await PutAsync(owner, path, shown, "\"of-something-else\", " + tag)).ShouldBeInRange(200, 204);
        (await PutAsync(owner, path, shown, tag)).ShouldBe(HttpStatusCode.PreconditionFailed);
        ((int)await PutAsync(owner, path, shown, "*")).ShouldBeInRange(200, 204);
    }

    [Fact]
    public async Task Of_ten_edits_at_once_of_the_same_thing_one_is_made()
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        using var owner = await cluster.Host.SignInAsync(workspace, "owner");
        owner.DefaultRequestHeaders.Remove("If-Match");
        using var read = await owner.GetAsync("/api/workspace", _ct);
        var tag = read.Headers.ETag!.Tag;

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => RenameAsync(owner, $"Name {n}", tag)));

        answers.Count(answer => answer is HttpStatusCode.NoContent).ShouldBe(1);
        answers.Count(answer => answer is HttpStatusCode.PreconditionFailed).ShouldBe(9);
    }

    [Fact]
    public async Task Who_has_it_already_is_told_so()
    {
        using var owner = await cluster.Host.SignInAsync(await cluster.Host.OpenWorkspaceAsync(), "owner");
        owner.DefaultRequestHeaders.Remove("If-Match");
        using var read = await owner.GetAsync("/api/workspace", _ct);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/workspace")
        {
            Headers = { { "If-None-Match", read.Headers.ETag!.Tag } },
        };
        using var answer = await owner.SendAsync(again, _ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await answer.Content.ReadAsStringAsync(_ct)).ShouldBeEmpty();
    }

    private Task<HttpStatusCode> RenameAsync(HttpClient owner, string name, string tag) =>
        SendAsync(owner, "/api/workspace", JsonContent.Create(new { name, language = "en" }), tag);

    private async Task<HttpStatusCode> PutAsync(HttpClient owner, string path, JsonElement shown, string? tag)
    {
        object body = path switch
        {
            "/api/workspace" => new { name = "Name " + Guid.CreateVersion7(), language = "en" },
            "/api/assistant/settings" => new
            {
                provider = "excerpts",
                tone = "Tone " + Guid.CreateVersion7(),
                maxOutputTokens = 500,
            },
            "/api/widget-settings" => Renamed(shown.GetProperty("settings")),
            _ => new { question = "Q " + Guid.CreateVersion7(), answer = "A" },
        };
        return await SendAsync(owner, path, JsonContent.Create(body), tag);
    }

    private static Dictionary<string, object?> Renamed(JsonElement settings)
    {
        var all = settings.Deserialize<Dictionary<string, object?>>()!;
        all["greeting"] = "Hello " + Guid.CreateVersion7();
        return all;
    }

    private async Task<HttpStatusCode> SendAsync(HttpClient owner, string path, HttpContent content, string? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = content };
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        }
        using var answer = await owner.SendAsync(request, _ct);
        return answer.StatusCode;
    }

    private async Task<string> AnswerAsync(HttpClient owner)
    {
        using var made = await owner.PostAsJsonAsync("/api/knowledge/answers", new { question = "When?", answer = "Now." }, _ct);
        return (await made.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("id").GetString()!;
    }
}
