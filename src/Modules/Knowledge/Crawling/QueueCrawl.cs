using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge.Crawling;

/// <summary>The scheduled re-crawl: asks the site for what has changed since.</summary>
internal sealed class QueueCrawl(WorkspaceScope door) : IJob
{
    public const string Kind = "knowledge.recrawl";

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async context =>
            {
                if (await context.Db<KnowledgeDb>().Sources.FirstOrDefaultAsync(s => s.Id == job.SubjectId, ct) is { } source)
                    Queue(context, source);
                else
                    context.Unschedule(Kind, job.SubjectId);
            },
            ct
        );

    /// <exception cref="Tenet.Kernel.Http.ConflictException">The source cannot be crawled.</exception>
    public static void Queue(WorkspaceContext context, Source source)
    {
        source.Queue();
        context.Enqueue(CrawlSite.Kind, source.Id, uniqueKey: source.Id.ToString());
        context.Publish(KnowledgeTopics.Progress, source.Id);
    }
}
