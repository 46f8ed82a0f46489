using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Crawling;

namespace Tenet.Knowledge;

internal static class SourceEndpoints
{
    const int LargestUpload = 6_000_000;

    public static void MapSources(this IEndpointRouteBuilder app)
    {
        var read = app.MapGroup("/api/knowledge/sources").InWorkspace(Access.Viewer).WithScope("knowledge:read");
        read.MapGet("", ListAsync);
        read.MapGet("{id:guid}", GetAsync);
        read.MapGet("{id:guid}/pages", ListPagesAsync);

        var write = app.MapGroup("/api/knowledge/sources").InWorkspace(Access.Admin).WithScope("knowledge:write");
        write.MapPost("", AddAsync);
        write.MapPost("uploads", UploadAsync).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(LargestUpload));
        write.MapPut("{id:guid}/proof", ProveAsync);
        write.MapPut("{id:guid}/crawl", CrawlAsync);
        write.MapDelete("{id:guid}/crawl", StopAsync);
        write.MapPut("{id:guid}/schedule", RescheduleAsync);
        write.MapDelete("{id:guid}", RemoveAsync);
    }

    static async Task<Ok<List<SourceView>>> ListAsync(WorkspaceContext context, CancellationToken ct) =>
        TypedResults.Ok(await SourceView.ListAsync(context, ct));

    static async Task<Ok<SourceView>> GetAsync(WorkspaceContext context, Guid id, CancellationToken ct) =>
        TypedResults.Ok(await SourceView.FindAsync(context, id, ct) ?? throw new NotFoundException("source"));

    static async Task<Ok<PageOf<PageView>>> ListPagesAsync(
        WorkspaceContext context,
        Guid id,
        string? status,
        string? search,
        string? after,
        int? limit,
        CancellationToken ct
    )
    {
        await Sources.FindAsync(context, id, ct);
        return TypedResults.Ok(await PageList.ReadAsync(context, id, status, search, after, limit ?? 50, ct));
    }

    static async Task<Created<SourceView>> AddAsync(WorkspaceContext context, Sources sources, NewSite site, CancellationToken ct)
    {
        var source = await sources.AddSiteAsync(context, site, ct);
        return TypedResults.Created($"/api/knowledge/sources/{source.Id}", SourceView.Of(source));
    }

    static async Task<Created<SourceView>> UploadAsync(WorkspaceContext context, Sources sources, NewUpload upload, CancellationToken ct)
    {
        var source = await sources.AddUploadAsync(context, upload, ct);
        return TypedResults.Created($"/api/knowledge/sources/{source.Id}", SourceView.Of(source));
    }

    /// <summary>No transaction while the site is asked: this endpoint opens its own.</summary>
    static async Task<NoContent> ProveAsync(HttpContext http, Ownership ownership, Guid id, CancellationToken ct)
    {
        var (workspaceId, actor) = http.Caller();
        await ownership.ProveAsync(workspaceId, actor, id, ct);
        return TypedResults.NoContent();
    }

    static async Task<Accepted> CrawlAsync(WorkspaceContext context, Guid id, CancellationToken ct)
    {
        QueueCrawl.Queue(context, await Sources.FindAsync(context, id, ct));
        context.Audit("knowledge.crawl_asked", "source", id);
        return TypedResults.Accepted($"/api/knowledge/sources/{id}");
    }

    static async Task<NoContent> StopAsync(WorkspaceContext context, Guid id, CancellationToken ct)
    {
        await Sources.StopAsync(context, id, ct);
        return TypedResults.NoContent();
    }

    static async Task<NoContent> RescheduleAsync(WorkspaceContext context, Guid id, NewSchedule schedule, CancellationToken ct)
    {
        await Sources.RescheduleAsync(context, id, schedule.RecrawlHours, ct);
        return TypedResults.NoContent();
    }

    static async Task<NoContent> RemoveAsync(WorkspaceContext context, Sources sources, Guid id, CancellationToken ct)
    {
        await sources.RemoveAsync(context, id, ct);
        return TypedResults.NoContent();
    }
}
