using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Documents;

namespace Tenet.Knowledge.Crawling;

/// <summary>Crawls a source from its frontier until nothing waits. Killed in the middle, it goes on from what was written.</summary>
internal sealed partial class CrawlSite(
    WorkspaceScope door,
    Egress egress,
    SiteRules rules,
    KnowledgeIndexes indexes,
    TimeProvider time,
    ILogger<CrawlSite> logger
) : IJob
{
    public const string Kind = "knowledge.crawl";

    const string GivenUp =
        "Reading this site broke off each time it was tried, so it was given up; the page Jobs says how. Read it again; if it breaks off again, "
        + "add a smaller part of the site instead. What was read before still answers.";

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        if (await door.RunAsync(job.WorkspaceId, Actor.System, context => BeginAsync(context, job.SubjectId, ct), ct) is not { } plan)
            return;
        var started = time.GetTimestamp();
        try
        {
            if (await rules.ReadRobotsAsync(plan.Start, ct) is { } robots)
                await CrawlAsync(plan, robots, ct);
            else
                await FailAsync(plan, "The site's robots.txt cannot be read now, so nothing may be read. Try again later.", ct);
        }
        catch (EgressException e)
        {
            await FailAsync(plan, e.Message, ct);
        }
        LogEnded(plan.Source.Id, plan.Crawl, time.GetElapsedTime(started).TotalSeconds);
    }

    public Task GiveUpAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async context =>
            {
                if (await context.Db<KnowledgeDb>().Sources.FirstOrDefaultAsync(s => s.Id == job.SubjectId, ct) is { } source)
                    await FailAsync(context, source.Id, source.Crawl, GivenUp, ct);
            },
            ct
        );

    async Task<CrawlPlan?> BeginAsync(WorkspaceContext context, Guid sourceId, CancellationToken ct)
    {
        var source = await context.Db<KnowledgeDb>().Sources.FirstOrDefaultAsync(s => s.Id == sourceId, ct);
        if (source is not { IsCrawled: true, State: SourceState.Queued or SourceState.Crawling })
            return null;
        if (source.State is SourceState.Queued)
        {
            source.State = SourceState.Crawling;
            source.Problem = null;
            source.Crawl++;
            source.CrawlStartedAt = context.Now;
            source.CrawlEndedAt = null;
            await context.ExecuteAsync($"delete from knowledge.page where source_id = {source.Id} and status = 'gone'", ct);
            await context.ExecuteAsync($"update knowledge.page set status = 'waiting', redirects = 0 where source_id = {source.Id}", ct);
            context.Publish(KnowledgeTopics.Progress, source.Id);
        }
        var start = CanonicalUrl.Of(source.Start) ?? throw new InvalidOperationException("A source's address is checked when it is added.");
        await context.ExecuteAsync(
            $"""
            insert into knowledge.page (id, source_id, url, status, crawl)
            values ({Guid.CreateVersion7(context.Now)}, {source.Id}, {start.AbsoluteUri}, 'waiting', {source.Crawl})
            on conflict (workspace_id, source_id, url) do nothing
            """,
            ct
        );
        return new CrawlPlan(
            context.WorkspaceId,
            source,
            start,
            source.Crawl,
            egress.IsListedLoopback(start),
            source.Language ?? await LanguageOfAsync(context, ct)
        );
    }

    public static Task<string?> LanguageOfAsync(WorkspaceContext context, CancellationToken ct) =>
        context.ScalarAsync<string>($"select language from kernel.workspace where id = {context.WorkspaceId}", ct);

    async Task CrawlAsync(CrawlPlan plan, RobotsTxt robots, CancellationToken ct)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var frontier = new Frontier(plan, robots);
        var repeated = new RepeatedBlocks(plan.Source.RepeatedBlocks);
        var writer = new CrawlWriter(plan, door, indexes);
        var workers = new CrawlWorkers(plan, robots, frontier, repeated, writer, new PageFetch(egress, plan.Source), time, logger);
        var writing = writer.RunAsync(stopping.Token);
        try
        {
            await RestoreAsync(plan, frontier, ct);
            if (plan.Source.Kind is SourceKind.Site)
            {
                var listed = frontier.Meet(
                    await rules.ReadSitemapsAsync(plan.Start, robots, plan.Source.MaxPages, ct),
                    depth: 1,
                    redirects: 0
                );
                await writer.ReportAsync(new CrawlReport(listed, null), ct);
                frontier.Queue(listed);
            }
            frontier.EndIfEmpty();
            var working = workers.RunAsync(stopping.Token);
            if (await Task.WhenAny(working, writing) == writing)
                await stopping.CancelAsync();
            await working;
            writer.Complete();
            if (await writing)
                await EndAsync(plan, repeated, ct);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Stopped by a person, or the source is gone: what was written stays. A writer that failed says so here.
            await writing;
        }
        finally
        {
            await stopping.CancelAsync();
        }
    }

    async Task RestoreAsync(CrawlPlan plan, Frontier frontier, CancellationToken ct)
    {
        var rows = await door.RunAsync(
            plan.WorkspaceId,
            Actor.System,
            context =>
                context.ListAsync(
                    $"select id, url, depth, redirects, etag, last_modified, content_hash, status = 'waiting' from knowledge.page where source_id = {plan.Source.Id}",
                    row =>
                        (
                            Page: new WaitingPage(
                                row.GetGuid(0),
                                new Uri(row.GetString(1)),
                                row.GetInt32(2),
                                row.GetInt32(3),
                                row.TextOrNull(4),
                                row.TextOrNull(5),
                                row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6)
                            ),
                            Waits: row.GetBoolean(7)
                        ),
                    ct
                ),
            ct
        );
        frontier.Restore(rows.Where(r => r.Waits).Select(r => r.Page), rows.Select(r => r.Page.Url.AbsoluteUri));
    }

    Task EndAsync(CrawlPlan plan, RepeatedBlocks repeated, CancellationToken ct) =>
        door.RunAsync(
            plan.WorkspaceId,
            Actor.System,
            async context =>
            {
                var source = await context.Db<KnowledgeDb>().Sources.FirstOrDefaultAsync(s => s.Id == plan.Source.Id, ct);
                if (source is not { State: SourceState.Crawling } || source.Crawl != plan.Crawl)
                    return;
                var indexed = await context.ScalarAsync<long>(
                    $"select count(*) from knowledge.page where source_id = {source.Id} and status = 'indexed'",
                    ct
                );
                var start = await context.FirstOrDefaultAsync(
                    $"select reason, http_status from knowledge.page where source_id = {source.Id} and url = {plan.Start.AbsoluteUri}",
                    row => PageReason.Explain(row.TextOrNull(0), row.ValueOrNull<int>(1)),
                    ct
                );
                source.State = indexed > 0 ? SourceState.Ready : SourceState.Failed;
                source.Problem = indexed > 0 ? null : "No page could be read. " + start;
                source.RepeatedBlocks = [.. repeated.Hashes];
                source.CrawlEndedAt = context.Now;
                if (source.RecrawlHours is { } hours)
                    context.Schedule(QueueCrawl.Kind, source.Id, TimeSpan.FromHours(hours));
                EmbedPassages.Queue(context);
                context.Audit("knowledge.crawled", "source", source.Id, new { source.Crawl, indexed });
                context.Publish(KnowledgeTopics.Progress, source.Id);
            },
            ct
        );

    Task FailAsync(CrawlPlan plan, string problem, CancellationToken ct) =>
        door.RunAsync(plan.WorkspaceId, Actor.System, context => FailAsync(context, plan.Source.Id, plan.Crawl, problem, ct), ct);

    static async Task FailAsync(WorkspaceContext context, Guid source, int crawl, string problem, CancellationToken ct)
    {
        var failed = await context.ExecuteAsync(
            $"""
            update knowledge.source set state = {SourceState.Failed}, problem = {problem}, crawl_ended_at = {context.Now}
             where id = {source} and state in ('queued', 'crawling') and crawl = {crawl}
            """,
            ct
        );
        if (failed == 0)
            return;
        // What was indexed before stays indexed.
        await context.ExecuteAsync(
            $"update knowledge.page set status = 'indexed' where source_id = {source} and status = 'waiting' and chunks > 0",
            ct
        );
        context.Publish(KnowledgeTopics.Progress, source);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Crawl {Crawl} of source {SourceId} ended after {Seconds:0.0} s")]
    private partial void LogEnded(Guid sourceId, int crawl, double seconds);
}
