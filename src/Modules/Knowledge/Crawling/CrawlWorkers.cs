using Microsoft.Extensions.Logging;
using Tenet.Knowledge.Documents;

namespace Tenet.Knowledge.Crawling;

/// <summary>Fetches and reads several pages at once, sparing the host.</summary>
internal sealed partial class CrawlWorkers(
    CrawlPlan plan,
    RobotsTxt robots,
    Frontier frontier,
    RepeatedBlocks repeated,
    CrawlWriter writer,
    PageFetch fetch,
    TimeProvider time,
    ILogger logger
)
{
    readonly PageReading reading = new(plan, frontier, repeated);
    readonly TimeSpan delay = plan.Delay(robots);
    readonly SemaphoreSlim turn = new(1);
    readonly List<(WaitingPage Page, FetchedPage Fetched)> held = [];
    readonly SemaphoreSlim sampling = new(1);
    volatile bool sampled = plan.Source.RepeatedBlocks is not null || plan.Source.Kind is not SourceKind.Site;
    long next = time.GetTimestamp();

    public async Task RunAsync(CancellationToken ct)
    {
        await Task.WhenAll(Enumerable.Range(0, plan.Parallelism).Select(_ => Task.Run(() => WorkAsync(ct), ct)));
        await ReleaseAsync(ct);
    }

    async Task WorkAsync(CancellationToken ct)
    {
        await foreach (var page in frontier.TakeAsync(ct))
        {
            await WorkAsync(page, ct);
            frontier.Done();
        }
    }

    async Task WorkAsync(WaitingPage page, CancellationToken ct)
    {
        if (!robots.Allows(page.Url.PathAndQuery))
        {
            await ReportAsync(new PageResult(page, PageStatus.Skipped, PageReason.Robots, null) { Passages = [] }, ct);
            return;
        }
        await WaitForTurnAsync(ct);
        FetchedPage fetched;
        try
        {
            fetched = await fetch.GetAsync(page, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            await ReportAsync(PageReading.Failed(page, e), ct);
            return;
        }
        if (!sampled && await HoldAsync(page, fetched, ct))
            return;
        await ReportAsync(Read(page, fetched), ct);
    }

    PageResult Read(WaitingPage page, FetchedPage fetched)
    {
        try
        {
            return reading.Read(page, fetched);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogUnreadable(page.Id, e.GetType().Name);
            return PageReading.Failed(page, e);
        }
    }

    async Task ReportAsync(PageResult result, CancellationToken ct)
    {
        // In this order: an address is recorded before anything can be said of it.
        await writer.ReportAsync(new CrawlReport(result.Found, result), ct);
        frontier.Queue(result.Found);
    }

    /// <summary>The first pages are read twice: once to learn what repeats on them and to go on from their links, once without it.</summary>
    async Task<bool> HoldAsync(WaitingPage page, FetchedPage fetched, CancellationToken ct)
    {
        await sampling.WaitAsync(ct);
        try
        {
            if (sampled || !reading.CanSample(fetched))
                return false;
            var found = reading.FindLinks(page, fetched);
            await writer.ReportAsync(new CrawlReport(found, null), ct);
            frontier.Queue(found);
            held.Add((page, fetched));
            if (held.Count >= RepeatedBlocks.Sample)
                await ReleaseHeldAsync(ct);
            return true;
        }
        catch (FormatException)
        {
            // Recorded as unreadable where all pages are read.
            return false;
        }
        finally
        {
            sampling.Release();
        }
    }

    async Task ReleaseAsync(CancellationToken ct)
    {
        await sampling.WaitAsync(ct);
        try
        {
            await ReleaseHeldAsync(ct);
        }
        finally
        {
            sampling.Release();
        }
    }

    async Task ReleaseHeldAsync(CancellationToken ct)
    {
        if (sampled)
            return;
        repeated.Learn([.. held.Select(h => reading.Sample(h.Fetched))]);
        sampled = true;
        foreach (var (page, fetched) in held)
            await ReportAsync(Read(page, fetched), ct);
        held.Clear();
    }

    async Task WaitForTurnAsync(CancellationToken ct)
    {
        if (delay == TimeSpan.Zero)
            return;
        await turn.WaitAsync(ct);
        try
        {
            var wait = time.GetElapsedTime(time.GetTimestamp(), next);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, ct);
            next = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        }
        finally
        {
            turn.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Page {PageId} could not be read: {Error}")]
    private partial void LogUnreadable(Guid pageId, string error);
}
