using System.Threading.Channels;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Documents;
using Tenet.Knowledge.Ranking;

namespace Tenet.Knowledge.Crawling;

/// <summary>What a worker has to report: addresses it met, and what became of a page.</summary>
internal sealed record CrawlReport(IReadOnlyList<FoundPage> Found, PageResult? Result);

/// <summary>
/// Writes a crawl's reports in the order they come, some hundred in one transaction: progress, pages, passages and the addresses still to
/// fetch are always of one moment, so that a killed crawl goes on where it was.
/// </summary>
internal sealed class CrawlWriter(CrawlPlan plan, WorkspaceScope door, KnowledgeIndexes indexes)
{
    const int MostReports = 250;
    const int MostPassages = 2_000;
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    /// <summary>Bounded: a slow database slows the workers, not the memory's owner.</summary>
    readonly Channel<CrawlReport> reports = Channel.CreateBounded<CrawlReport>(new BoundedChannelOptions(500) { SingleReader = true });

    public ValueTask ReportAsync(CrawlReport report, CancellationToken ct) => reports.Writer.WriteAsync(report, ct);

    public void Complete() => reports.Writer.TryComplete();

    /// <returns>False when the crawl was stopped or its source removed.</returns>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        var batch = new List<CrawlReport>(MostReports);
        while (await reports.Reader.WaitToReadAsync(ct))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Patience);
            var passages = 0;
            try
            {
                while (batch.Count < MostReports && passages < MostPassages && await reports.Reader.WaitToReadAsync(patience.Token))
                {
                    while (batch.Count < MostReports && passages < MostPassages && reports.Reader.TryRead(out var report))
                    {
                        batch.Add(report);
                        passages += report.Result?.Passages?.Count ?? 0;
                    }
                }
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // Patience is over: what has come is written.
            }
            if (batch.Count > 0 && !await WriteAsync(batch, ct))
                return false;
            batch.Clear();
        }
        return true;
    }

    async Task<bool> WriteAsync(List<CrawlReport> batch, CancellationToken ct)
    {
        var pages = new PageBatch(plan.Language);
        foreach (var report in batch)
        {
            pages.Add(report.Found);
            if (report.Result is { } result)
                pages.Add(result);
        }
        var goesOn = await door.RunAsync(
            plan.WorkspaceId,
            Actor.System,
            async context =>
            {
                var crawl = await context.ScalarAsync<int>(
                    $"select crawl from knowledge.source where id = {plan.Source.Id} and state = {SourceState.Crawling} for share",
                    ct
                );
                if (crawl != plan.Crawl)
                    return false;
                await pages.WriteAsync(context, plan.Source.Id, plan.Crawl, ct);
                return true;
            },
            ct
        );
        if (goesOn)
            indexes.Apply(plan.WorkspaceId, pages.BatchId, pages.ToSegment(), pages.ChangedPages);
        return goesOn;
    }
}
