using System.Diagnostics;
using System.Text.Json;
using Tenet.Knowledge;
using Tenet.Knowledge.Ranking;

namespace Tenet.Benchmarks;

/// <summary>The ranking of a workspace's passages, in time and in quality, against MiniSearch over the same chunks and questions.</summary>
internal static class RetrievalBenchmark
{
    private static readonly int[] Sizes = [1_000, 10_000, 100_000];
    private const int PeerAtMost = 10_000;

    public static async Task RunAsync(Workbench bench, CancellationToken ct)
    {
        Report.Heading("Retrieval");
        var chunks = await Chunk.ReadAsync(bench, await bench.CrawledAsync(ct), ct);
        var questions = Repository.Questions;
        Report.Line($"{chunks.Count} chunks of {bench.Site.Name} as stored by the crawl, {questions.Count} questions in visitors' words.");
        Report.Line(
            $"Beyond that number: copies with every fourth word changed. {Peer.VersionOf("minisearch")}, in memory as Tenet's index.\n"
        );

        var quality = new List<string[]> { new[] { "quality over all chunks", "MRR@10", "recall@5" } };
        if (bench.Site.IsManual)
        {
            var (index, pages) = Build(chunks);
            var (mrr, recall) = Judge(index, pages, questions);
            quality.Add(["Tenet", mrr.ToString("0.000"), recall.ToString("0.000")]);
            foreach (var peer in (await AskPeerAsync(bench, chunks, 0, "", ct)).EnumerateObject())
                quality.Add(["MiniSearch, " + peer.Name, Cell(peer.Value, "mrr", "0.000"), Cell(peer.Value, "recall", "0.000")]);
            Report.Table(quality);
        }

        var latency = new List<string[]> { new[] { "chunks", "Tenet p50 ms", "Tenet p95 ms", "MiniSearch p50 ms", "MiniSearch p95 ms" } };
        foreach (var size in Sizes)
        {
            Report.Doing($"ranking over {size} chunks");
            var grown = Chunk.Grow(chunks, size);
            var times = Time(Build(grown).Index, questions, rounds: 30);
            // Beyond, one round of its questions takes minutes.
            JsonElement? peer = size <= PeerAtMost ? (await AskPeerAsync(bench, grown, 1, "boosted", ct)).GetProperty("boosted") : null;
            latency.Add([
                $"{size}",
                Report.Number(times.At(0.5)),
                Report.Number(times.At(0.95)),
                peer is { } p ? Report.Number(p.GetProperty("p50").GetDouble()) : "not asked",
                peer is { } q ? Report.Number(q.GetProperty("p95").GetDouble()) : "not asked",
            ]);
        }
        Report.Table(latency);
        Report.Line($"Goals: p95 at most 5 ms at 100,000 chunks; MRR@10 at least MiniSearch's.");
    }

    private static (SearchIndex Index, Dictionary<Guid, string> Pages) Build(IReadOnlyList<Chunk> chunks)
    {
        const int PassagesOfSegment = 20_000;
        var index = new SearchIndex();
        var builder = new SegmentBuilder();
        var pages = new Dictionary<Guid, string>();
        foreach (var page in chunks.GroupBy(c => c.Page, StringComparer.Ordinal))
        {
            if (builder.Count >= PassagesOfSegment)
            {
                index.Add(builder.Build());
                builder = new SegmentBuilder();
            }
            var id = Guid.CreateVersion7();
            pages[id] = page.Key;
            builder.StartPage(id);
            foreach (var chunk in page)
                builder.Add(Guid.CreateVersion7(), Language.English, chunk.Title, chunk.Heading, chunk.Text);
        }
        index.Add(builder.Build());
        return (index, pages);
    }

    private static List<Hit> Rank(SearchIndex index, string question) =>
        Bm25.Find(index.Current, Query.Parse(question, index.Current), KnowledgeSearch.Candidates);

    private static (double Mrr, double Recall) Judge(SearchIndex index, Dictionary<Guid, string> pages, IReadOnlyList<Question> questions)
    {
        var (reciprocal, found) = (0.0, 0.0);
        foreach (var question in questions)
        {
            var ranked = Rank(index, question.Text).Select(hit => pages[hit.Page]).Distinct(StringComparer.Ordinal).Take(10).ToList();
            var rank = ranked.FindIndex(page => question.Pages.Contains(page, StringComparer.Ordinal));
            reciprocal += rank < 0 ? 0 : 1.0 / (rank + 1);
            found += rank is >= 0 and < 5 ? 1 : 0;
        }
        return (reciprocal / questions.Count, found / questions.Count);
    }

    private static Times Time(SearchIndex index, IReadOnlyList<Question> questions, int rounds)
    {
        var times = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var question in questions)
            {
                var began = Stopwatch.GetTimestamp();
                Rank(index, question.Text);
                // The first rounds are the compiler's.
                if (round >= rounds / 3)
                    times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }
        return new Times(times);
    }

    private static async Task<JsonElement> AskPeerAsync(
        Workbench bench,
        IReadOnlyList<Chunk> chunks,
        int rounds,
        string settings,
        CancellationToken ct
    )
    {
        Report.Doing($"asking MiniSearch over {chunks.Count} chunks");
        var file = bench.TemporaryFile("chunks.jsonl");
        await using (var writer = new StreamWriter(file))
        {
            foreach (var chunk in chunks)
                await writer.WriteLineAsync(JsonSerializer.Serialize(chunk, JsonSerializerOptions.Web));
        }
        return await Peer.RunAsync("minisearch.mjs", ct, file, Repository.QuestionsFile, $"{rounds}", settings);
    }

    private static string Cell(JsonElement row, string name, string format) => row.GetProperty(name).GetDouble().ToString(format);
}
