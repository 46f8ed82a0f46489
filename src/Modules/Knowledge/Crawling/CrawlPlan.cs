namespace Tenet.Knowledge.Crawling;

/// <summary>The settings of one crawl, as they stood when it began.</summary>
/// <param name="Language">For pages whose text does not show it: the source's, else the workspace's.</param>
internal sealed record CrawlPlan(Guid WorkspaceId, Source Source, Uri Start, int Crawl, bool IsLoopback, string? Language)
{
    public const string Product = "TenetBot";

    public bool Includes(Uri url) => Source.Kind is SourceKind.Site ? CanonicalUrl.IsWithin(Start, url) : url == Start;

    /// <summary>A site of the operator's own machine needs no sparing.</summary>
    public int Parallelism => IsLoopback ? 16 : 4;

    public TimeSpan Delay(RobotsTxt robots)
    {
        if (IsLoopback)
            return TimeSpan.Zero;
        var own = TimeSpan.FromMilliseconds(Source.DelayMilliseconds);
        return robots.CrawlDelay is { } asked && asked > own ? asked : own;
    }
}

/// <summary>A page that waits to be fetched, with what an earlier crawl knows of it.</summary>
internal sealed record WaitingPage(
    Guid Id,
    Uri Url,
    int Depth,
    int Redirects,
    string? Etag = null,
    string? LastModified = null,
    byte[]? ContentHash = null
);

/// <summary>An address met for the first time: to be fetched, or recorded with the reason why not.</summary>
internal sealed record FoundPage(Guid Id, Uri Url, int Depth, int Redirects, string? Reason);

/// <summary>What became of a page, ready to be written.</summary>
/// <param name="Passages">Null leaves what is indexed as it is.</param>
internal sealed record PageResult(WaitingPage Page, PageStatus Status, string? Reason, int? HttpStatus)
{
    public Documents.Document? Document { get; init; }
    public IReadOnlyList<Documents.TextChunk>? Passages { get; init; }
    public IReadOnlyList<FoundPage> Found { get; init; } = [];
    public string? Etag { get; init; }
    public string? LastModified { get; init; }
    public byte[]? ContentHash { get; init; }
    public int? Bytes { get; init; }
}
