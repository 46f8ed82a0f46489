using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class MarketingTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly TestHost _host = cluster.Host;
    private readonly string _email = $"{Guid.NewGuid():N}@example.org";
    private Workspace _workspace = null!;
    private HttpClient _owner = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _workspace = await _host.OpenWorkspaceAsync();
        _owner = (await _host.JoinAsync(_workspace, Access.Owner)).Client;
    }

    public ValueTask DisposeAsync()
    {
        _owner.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Who_asks_is_on_the_list_only_after_opening_the_letter_and_off_it_by_one_click()
    {
        await AskAsync();
        (await ListedAsync()).ShouldBe(0);
        var letter = await _host.NextLinkAsync(_email, Ct);
        (await PageAsync(letter.AbsolutePath)).ShouldContain("news and offers by e-mail");
        (await ListedAsync()).ShouldBe(0, "opening a page is no consent: scanners of mail do that too");

        var end = await PostAsync(letter.AbsolutePath + "/confirmation");
        (await ListedAsync()).ShouldBe(1);
        (await PostAsync(letter.AbsolutePath + "/confirmation")).ShouldBe("/privacy/news/used");

        (await _host.NextLinkAsync(_email, Ct, after: 1)).AbsolutePath.ShouldBe(end, "the second letter has the link that ends it");
        (await PostAsync(end + "/withdrawal")).ShouldBe("/privacy/news/ended?lang=en");
        (await PostAsync(end + "/withdrawal")).ShouldBe("/privacy/news/used");
        (await ListedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Asking_again_within_the_hour_sends_no_second_letter_and_answers_the_same()
    {
        var first = await AskAsync();
        await _host.NextLinkAsync(_email, Ct);
        var again = await AskAsync();
        var ended = $"{Guid.NewGuid():N}@example.org";
        await AskAsync(ended);
        await _host.NextLinkAsync(ended, Ct);

        again.ShouldBe(first);
        (await _host.LinksAsync(_email, Ct)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_proof_says_what_was_agreed_to_when_and_how()
    {
        await AskAsync();
        await PostAsync((await _host.NextLinkAsync(_email, Ct)).AbsolutePath + "/confirmation");
        var id = (await RowsAsync())[0].GetProperty("id").GetGuid();

        var proof = await _owner.GetFromJsonAsync<JsonElement>($"/api/privacy/marketing/{id}/proof", Ct);

        proof.GetProperty("piiPrincipal").GetString().ShouldBe(_email);
        proof.GetProperty("notice").GetProperty("agree").GetString()!.ShouldContain("news and offers by e-mail");
        proof.GetProperty("events").EnumerateArray().Select(item => item.GetProperty("state").GetString()).ShouldBe(["requested", "given"]);
        using var gone = await _owner.DeleteAsync($"/api/privacy/marketing/{id}", Ct);
        using var again = await _owner.DeleteAsync($"/api/privacy/marketing/{id}", Ct);
        (gone.StatusCode, again.StatusCode).ShouldBe((HttpStatusCode.NoContent, HttpStatusCode.NotFound));
        (await ListedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_restricted_is_on_no_list_and_whoever_asks_in_their_name_learns_nothing()
    {
        var first = await AskAsync();
        await PostAsync((await _host.NextLinkAsync(_email, Ct)).AbsolutePath + "/confirmation");
        var id = (await RowsAsync())[0].GetProperty("id").GetGuid();
        await _host.Door.RunAsync(
            _workspace.Id,
            Actor.System,
            ctx => Restrictions.SetAsync(ctx, [("privacy.marketing_consent", id)], null, Ct),
            Ct
        );

        (await ListedAsync()).ShouldBe(0);
        (await AskAsync()).ShouldBe(first);
    }

    [Fact]
    public async Task No_confirmation_gets_into_the_database_but_by_the_mailed_link()
    {
        await AskAsync();

        await Should.ThrowAsync<Npgsql.PostgresException>(() =>
            _host.AsOwnerAsync<object>(
                "update privacy.marketing_consent set confirmed_at = now(), used_hash = sha256('x') where workspace_id = $1",
                _workspace.Id
            )
        );
    }

    private async Task<string> AskAsync(string? email = null)
    {
        using var client = _host.Client();
        using var answer = await client.PostAsJsonAsync(
            "/api/privacy/marketing",
            new { workspace = _workspace.Slug, email = email ?? _email },
            Ct
        );
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Ct));
        return await answer.Content.ReadAsStringAsync(Ct);
    }

    private async Task<string> PageAsync(string path)
    {
        using var client = _host.Client();
        return await client.GetStringAsync(path, Ct);
    }

    private async Task<string> PostAsync(string path)
    {
        using var client = _host.Client();
        using var answer = await client.PostAsync(path, null, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return answer.Headers.Location!.ToString();
    }

    private async Task<List<JsonElement>> RowsAsync() =>
        [.. (await _owner.GetFromJsonAsync<JsonElement>("/api/privacy/marketing", Ct)).GetProperty("items").EnumerateArray()];

    private async Task<int> ListedAsync() => (await RowsAsync()).Count;
}
