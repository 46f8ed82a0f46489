using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class CursorTests(TestCluster cluster)
{
    private const string List = "/api/knowledge/answers";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repetition()
    {
        using var owner = await FurnishedAsync(7);
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await owner.GetFromJsonAsync<JsonElement>($"{List}?limit=3&after={next}", _ct);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("question").GetString()!));
            next = page.GetProperty("next").GetString();
            // Added behind the place: comes in its turn. The last full page tells that nothing follows.
        } while (next is not null);
        seen.ShouldBe(Enumerable.Range(0, 7).Select(n => $"Question {n}?"));
    }

    [Fact]
    public async Task The_last_full_page_has_no_next()
    {
        using var owner = await FurnishedAsync(3);
        var page = await owner.GetFromJsonAsync<JsonElement>($"{List}?limit=3", _ct);
        page.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_cursor_that_was_changed_or_is_of_elsewhere_is_refused_and_tells_nothing()
    {
        using var owner = await FurnishedAsync(3);
        using var other = await FurnishedAsync(3);
        var mine = await NextAsync(owner);
        var theirs = await NextAsync(other);
        mine.ShouldNotContain("Question");

        foreach (
            var wrong in new[]
            {
                theirs,
                mine[..^1] + (mine[^1] == 'A' ? 'B' : 'A'),
                mine[..10],
                "AAAA",
                "%00",
                "ÿ",
                Guid.CreateVersion7().ToString(),
            }
        )
        {
            using var answer = await owner.GetAsync($"{List}?limit=2&after={Uri.EscapeDataString(wrong)}", _ct);
            answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, wrong);
            (await answer.Content.ReadAsStringAsync(_ct)).ShouldContain("\"after\"");
        }
        // Another list of the same workspace.
        using var elsewhere = await owner.GetAsync($"/api/inbox/conversations?after={Uri.EscapeDataString(mine)}", _ct);
        elsewhere.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private async Task<string> NextAsync(HttpClient owner) =>
        (await owner.GetFromJsonAsync<JsonElement>($"{List}?limit=2", _ct)).GetProperty("next").GetString()!;

    private async Task<HttpClient> FurnishedAsync(int answers)
    {
        var owner = await cluster.Host.SignInAsync(await cluster.Host.OpenWorkspaceAsync(), "owner");
        for (var n = 0; n < answers; n++)
        {
            (await owner.PostAsJsonAsync(List, new { question = $"Question {n}?", answer = "Yes." }, _ct)).EnsureSuccessStatusCode();
        }
        return owner;
    }
}
