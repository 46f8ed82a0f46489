using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tenet.Benchmarks;

/// <summary>
/// A site crawled through the product (source, job, robots.txt, fetching, extraction, chunks, PostgreSQL under row-level security, index)
/// against CheerioCrawler, which only fetches, parses and follows the same links.
/// </summary>
internal static class CrawlBenchmark
{
    private const int Rounds = 5;
    private static readonly int[] PeerConcurrency = [16, 50];

    public sealed record Crawl(Guid Source, int Pages, double Seconds, double CpuSeconds)
    {
        public double PerSecond => Pages / Seconds;
    }

    public static async Task RunAsync(Workbench bench, CancellationToken ct)
    {
        Report.Heading("Crawl");
        await bench.OpenAsync(ct);
        var rows = new List<string[]> { new[] { "crawler", "round", "pages", "seconds", "pages/s", "CPU s" } };
        Crawl last;
        var (ours, theirs) = (0.0, 0.0);
        for (var round = 1; round <= Rounds; round++)
        {
            if (bench.Source is { } before)
                (await bench.Owner.DeleteAsync($"/api/knowledge/sources/{before}", ct)).EnsureSuccessStatusCode();
            last = await CrawlAsync(bench, ct);
            bench.Source = last.Source;
            ours = Math.Max(ours, last.PerSecond);
            rows.Add([
                "Tenet",
                $"{round}",
                $"{last.Pages}",
                Report.Number(last.Seconds),
                Report.Number(last.PerSecond),
                Report.Number(last.CpuSeconds),
            ]);
            foreach (var concurrency in PeerConcurrency)
            {
                Report.Doing($"crawling with crawlee, {concurrency} at once");
                var peer = await Peer.RunAsync("crawlee.mjs", ct, bench.Site.Start.AbsoluteUri, $"{concurrency}");
                var (pages, seconds) = (peer.GetProperty("pages").GetInt32(), peer.GetProperty("seconds").GetDouble());
                theirs = Math.Max(theirs, pages / seconds);
                rows.Add([
                    $"CheerioCrawler, {concurrency} at once",
                    $"{round}",
                    $"{pages}",
                    Report.Number(seconds),
                    Report.Number(pages / seconds),
                    Report.Number(peer.GetProperty("cpu").GetDouble()),
                ]);
            }
        }
        Report.Line(
            $"{bench.Site.Name} on loopback, served from memory; {Peer.VersionOf("@crawlee/cheerio")}, queue in memory, no retries."
        );
        Report.Line(
            $"Tenet: from the request that adds the source until it is ready, 16 at once, everything stored and indexed; CPU with PostgreSQL's.\n"
        );
        Report.Table(rows);
        Report.Line($"Best against best: {Report.Number(ours / theirs)} times as fast (goal: 5).");
    }

    /// <summary>Adds the site and waits until its crawl has ended.</summary>
    public static async Task<Crawl> CrawlAsync(Workbench bench, CancellationToken ct)
    {
        Report.Doing($"crawling {bench.Site.Name} with Tenet");
        var cpu = bench.CpuSeconds();
        var watch = Stopwatch.StartNew();
        var added = await bench.Owner.PostAsJsonAsync("/api/knowledge/sources", new { url = bench.Site.Start.AbsoluteUri }, ct);
        added.EnsureSuccessStatusCode();
        var source = (await added.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("id").GetGuid();
        JsonElement view;
        while ((view = await bench.GetAsync($"/api/knowledge/sources/{source}", ct)).GetProperty("state").GetString() is not "ready")
        {
            if (view.GetProperty("state").GetString() is "failed")
                throw new InvalidOperationException("The crawl failed: " + view.GetProperty("problem"));
            await Task.Delay(20, ct);
        }
        var seconds = watch.Elapsed.TotalSeconds;
        cpu = bench.CpuSeconds() - cpu;
        return new Crawl(source, await CountAsync(bench, source, ct), seconds, cpu);
    }

    // Every page that was asked for, also one that is gone or no page.
    private static async Task<int> CountAsync(Workbench bench, Guid source, CancellationToken ct)
    {
        var (count, after) = (0, "");
        while (true)
        {
            var list = await bench.GetAsync($"/api/knowledge/sources/{source}/pages?limit=200&after={Uri.EscapeDataString(after)}", ct);
            count += list.GetProperty("items").EnumerateArray().Count(p => p.GetProperty("fetchedAt").ValueKind is not JsonValueKind.Null);
            if (list.GetProperty("next").GetString() is not { } next)
                return count;
            after = next;
        }
    }
}
