using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Crawling;

namespace Tenet.Knowledge;

/// <summary>Sources, crawl, extraction, index, retrieval.</summary>
public static class KnowledgeModule
{
    public static IServiceCollection AddKnowledge(this IServiceCollection services)
    {
        services.TryAddSingleton<DnsText>();
        services.AddSingleton<KnowledgeIndexes>().AddSingleton<SiteRules>().AddSingleton<Ownership>().AddSingleton<Sources>();
        services.AddSingleton(p => new KnowledgeSearch(
            p.GetRequiredService<KnowledgeIndexes>(),
            p.GetRequiredService<WorkspaceScope>(),
            p.GetService<EmbedTexts>(),
            p.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(p => new SiteSources(p.GetRequiredService<Sources>()));
        services.AddSingleton(p => new KnowledgeEvaluation(
            p.GetRequiredService<KnowledgeSearch>(),
            p.GetRequiredService<WorkspaceScope>(),
            p.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(new NavEntry("Knowledge", "/knowledge", 30, Access.Viewer));
        services.AddDb<KnowledgeDb>(options => new KnowledgeDb(options));
        services.AddClaimKind(_ => new CrawlAuthorised());
        services.AddLifeClock(LifeClock.OfWorkspace("knowledge.authorisations", "knowledge.crawl_authorisation"));
        services.AddLifeClock(
            new LifeClock(
                "knowledge.sources",
                LifeClock.Source,
                // The database itself takes what belongs to a source along with it: millions of pages need not be looked at.
                before =>
                    $"""
                        select (select count(*)
                                  from unnest(array['knowledge.page', 'knowledge.upload', 'knowledge.question_answer']::regclass[]) t (id)
                                 where not exists (
                                   select from pg_constraint k
                                    where k.conrelid = t.id and k.confrelid = 'knowledge.source'::regclass and k.contype = 'f'
                                      and k.confdeltype = 'c' and k.convalidated))
                             + (select count(*) from (select from knowledge.source
                                 where exists (select from kernel.workspace where closed_at < {before}) limit 1000) s)
                        """
            )
        );
        services
            .AddJob<CrawlSite>(CrawlSite.Kind, title: "Read a website")
            .AddJob<QueueCrawl>(QueueCrawl.Kind, title: "Look for changes on a website")
            .AddJob<EmbedPassages>(EmbedPassages.Kind, EmbedPassages.MaxAttempts, title: "Ask the model for vectors");
        return services.AddRecords(records =>
            records
                .Add<Source>()
                .Add<CrawlAuthorisation>()
                .Add<Page>()
                .Add<Chunk>()
                .Add<Upload>()
                .Add<QuestionAnswer>()
                .Rule("knowledge.sources", "as long as the source exists")
                .Rule("knowledge.authorisations", "as long as the workspace exists")
        );
    }

    public static void MapKnowledge(this IEndpointRouteBuilder app)
    {
        app.MapSources();
        app.MapAnswers();
        app.MapSearch();
    }
}
