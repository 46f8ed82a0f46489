using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Knowledge;
using Tenet.Knowledge.Ranking;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class VectorTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_no_word_finds_is_found_by_its_vector()
    {
        await using var host = await cluster.StartHostAsync(builder =>
            builder.Services.AddSingleton<EmbedTexts>((_, texts, _) => Task.FromResult<Embeddings?>(new("toy", [.. texts.Select(Vector)])))
        );
        var member = (await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Admin)).Client;
        foreach (
            var (fileName, content) in new[]
            {
                ("ship.txt", "Parcels reach Norway in a week."),
                ("lamp.txt", "The lamp glows in warm yellow."),
            }
        )
        {
            (
                await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(
                    member,
                    "/api/knowledge/sources/uploads",
                    new { fileName, content },
                    _ct
                )
            ).EnsureSuccessStatusCode();
        }

        // The vectors are made by a job, a moment later.
        List<System.Text.Json.JsonElement> found;
        while ((found = await member.FindAsync("luminous illumination")).Count == 0)
        {
            await Task.Delay(50, _ct);
        }

        found[0].GetProperty("text").GetString()!.ShouldContain("lamp");
    }

    [Fact]
    public async Task A_provider_that_is_down_shows_on_the_page_and_is_asked_again()
    {
        var down = true;
        await using var host = await cluster.StartHostAsync(builder =>
            builder.Services.AddSingleton<EmbedTexts>(
                (_, texts, _) =>
                    down
                        ? throw new EmbeddingsException("The provider gave no vectors.")
                        : Task.FromResult<Embeddings?>(new("toy", [.. texts.Select(Vector)]))
            )
        );
        var workspace = await host.OpenWorkspaceAsync();
        var member = (await host.JoinAsync(workspace, Access.Admin)).Client;
        (
            await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(
                member,
                "/api/knowledge/sources/uploads",
                new { fileName = "lamp.txt", content = "The lamp glows in warm yellow." },
                _ct
            )
        ).EnsureSuccessStatusCode();

        await host.WaitUntilAsync(
            "select exists (select from kernel.job where workspace_id = $1 and kind = 'knowledge.embed' and last_error = 'EmbeddingsException')",
            workspace.Id
        );
        (await PageAsync()).ShouldContain("gives no vectors at the moment");
        (await member.FindAsync("Does the lamp glow?")).ShouldNotBeEmpty();

        down = false;
        await host.AsOwnerAsync<object>("update kernel.job set run_at = now() where kind = 'knowledge.embed'");
        await host.WaitUntilAsync("select bool_and(embedding_model = 'toy') from knowledge.chunk where workspace_id = $1", workspace.Id);
        await host.WaitUntilAsync("select not exists (select from kernel.job where kind = 'knowledge.embed')");
        (await PageAsync()).ShouldNotContain("no vectors");

        async Task<string> PageAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/knowledge") { Headers = { { "Accept", "text/html" } } };
            using var page = await member.SendAsync(request, _ct);
            return await page.Content.ReadAsStringAsync(_ct);
        }
    }

    [Fact]
    public void What_both_rankings_name_comes_first()
    {
        var (a, b, c) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());

        RankFusion.Fuse([new(a, a, 9), new(b, b, 8)], [new(c, c, 0.9f), new(b, b, 0.8f)], 2).Select(h => h.Chunk).ShouldBe([b, a]);
    }

    [Fact]
    public void Vectors_of_another_model_are_not_compared()
    {
        var id = Guid.CreateVersion7();
        var index = new VectorIndex("one", 2, [id], [id], [1, 0]);

        index.Find("one", [1, 0], 5).ShouldHaveSingleItem().Score.ShouldBe(1);
        index.Find("two", [1, 0], 5).ShouldBeEmpty();
        index.Find("one", [1, 0, 0], 5).ShouldBeEmpty();
    }

    private static float[] Vector(string text) =>
        text.Contains("lamp", StringComparison.OrdinalIgnoreCase) || text.Contains("luminous", StringComparison.OrdinalIgnoreCase)
            ? [1, 0]
            : [0, 1];
}
