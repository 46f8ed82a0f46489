using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;

namespace Tenet.Knowledge;

internal enum SourceKind
{
    Site,
    Page,
    Upload,
    Questions,
}

internal enum SourceState
{
    /// <summary>Nobody has shown yet that the host is theirs; it is not crawled.</summary>
    Unproven,
    Ready,
    Queued,
    Crawling,
    Stopped,
    Failed,
}

/// <summary>Where answers come from: a site, a single page, an upload or the workspace's own questions and answers.</summary>
[Record("knowledge.source", Purpose.KnowledgeBase, Keep = "knowledge.sources")]
internal sealed class Source
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required SourceKind Kind { get; init; }

    [Operational]
    public required string Name { get; set; }

    /// <summary>Where a site starts: its folder is the site's extent. Or the address of the single page.</summary>
    [Operational]
    public string? Url { get; init; }

    /// <summary>BCP 47; null leaves it to each page, or to a guess.</summary>
    [Operational]
    public string? Language { get; set; }

    [Operational]
    public int MaxPages { get; set; } = 5_000;

    /// <summary>Links from the start.</summary>
    [Operational]
    public int MaxDepth { get; set; } = 20;

    /// <summary>Of one page, after decompression.</summary>
    [Operational]
    public int MaxBytes { get; set; } = 5_000_000;

    /// <summary>For one page, from the request to the last byte.</summary>
    [Operational]
    public int PageSeconds { get; set; } = 20;

    /// <summary>Between two requests to the host. robots.txt may ask for more.</summary>
    [Operational]
    public int DelayMilliseconds { get; set; } = 200;

    [Operational]
    public int? RecrawlHours { get; set; }

    [Operational]
    public SourceState State { get; set; }

    /// <summary>Why the last crawl failed, for a person.</summary>
    [Operational]
    public string? Problem { get; set; }

    /// <summary>What the host must show. Not a secret: it stands on a public page.</summary>
    [Operational]
    public string? ProofToken { get; init; }

    /// <summary>Counts the crawls.</summary>
    [Operational]
    public int Crawl { get; set; }

    [Operational]
    public DateTimeOffset? CrawlStartedAt { get; set; }

    [Operational]
    public DateTimeOffset? CrawlEndedAt { get; set; }

    /// <summary>Hashes of blocks that stand on many of the site's pages and are left out.</summary>
    [Operational]
    public long[]? RepeatedBlocks { get; set; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public Guid? CreatedBy { get; init; }

    [NoColumn]
    public bool IsCrawled => Kind is SourceKind.Site or SourceKind.Page;

    [NoColumn]
    public Uri Start => new(Url ?? throw new InvalidOperationException("Only crawled sources have an address."));

    /// <exception cref="ConflictException">The source is not one that is crawled, or its host is not proven.</exception>
    public void Queue()
    {
        if (!IsCrawled)
            throw new ConflictException("This source is not crawled: change its text instead.");
        if (State is SourceState.Unproven)
            throw new ConflictException("First show that the site is yours: place the proof, then check it.");
        if (State is not SourceState.Crawling)
            State = SourceState.Queued;
    }

    public void Stop()
    {
        if (State is SourceState.Queued or SourceState.Crawling)
            State = SourceState.Stopped;
    }
}
