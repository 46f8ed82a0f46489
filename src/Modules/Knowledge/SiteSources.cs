using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge;

/// <summary>How far a site's crawl has come.</summary>
/// <param name="Pages">Pages known so far, whatever became of them.</param>
/// <param name="Problem">Why the crawl failed, for a person.</param>
public sealed record SiteProgress(bool Ended, int Pages, int Indexed, string? Problem);

/// <summary>A site as a source, for the host to set up.</summary>
public sealed class SiteSources
{
    private readonly Sources _sources;

    internal SiteSources(Sources sources) => _sources = sources;

    /// <summary>The workspace's site of this name; added when it has none, and read anew when the site has moved to another address.</summary>
    /// <returns>The source's id.</returns>
    public async Task<Guid> EnsureAsync(WorkspaceContext ctx, string name, Uri url, CancellationToken ct)
    {
        // Asked at each start, so not through entities: a host at rest does without their mapper.
        var known = await ctx.ListAsync(
            $"select id, url from knowledge.source where kind = {SourceKind.Site} and name = {name}",
            row => (Id: row.GetGuid(0), Url: row.GetString(1)),
            ct
        );
        if (known.Find(source => new Uri(source.Url) == url) is { Url: not null } there)
            return there.Id;
        foreach (var source in known)
            await _sources.RemoveAsync(ctx, source.Id, ct);
        return (await _sources.AddSiteAsync(ctx, new NewSite(url.AbsoluteUri, name), ct)).Id;
    }

    /// <exception cref="NotFoundException">There is no such source.</exception>
    public static async Task<SiteProgress> ProgressAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var view = await SourceView.FindAsync(ctx, id, ct) ?? throw new NotFoundException("source");
        var ended = view.CrawlEndedAt is not null && view.State is not (SourceState.Queued or SourceState.Crawling);
        return new(ended || view.State is SourceState.Failed or SourceState.Unproven, view.Pages, view.Indexed, view.Problem);
    }
}
