using Tenet.Kernel.DataMaps;

namespace Tenet.Knowledge;

internal enum PageStatus
{
    /// <summary>Known and not fetched yet in this crawl.</summary>
    Waiting,
    Indexed,

    /// <summary>Left out, for the stated reason.</summary>
    Skipped,
    Failed,

    /// <summary>Was there once; its passages are removed.</summary>
    Gone,
}

/// <summary>One document of a source: a fetched page, an upload, a question with its answer.</summary>
[Record("knowledge.page", Purpose.KnowledgeBase, Keep = "knowledge.sources")]
internal sealed class Page
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid SourceId { get; init; }

    /// <summary>In canonical spelling. Uploads and own answers have one of the form <c>tenet:ID</c>, which leads nowhere.</summary>
    [Operational]
    public required string Url { get; init; }

    /// <summary>Where visitors are sent instead of <see cref="Url"/>.</summary>
    [Operational]
    public string? Link { get; init; }

    [Operational]
    public int Depth { get; init; }

    /// <summary>How many redirects led here.</summary>
    [Operational]
    public int Redirects { get; init; }

    [Operational]
    public PageStatus Status { get; set; }

    /// <summary>Why it is skipped, failed or gone: a code of <see cref="PageReason"/>.</summary>
    [Operational]
    public string? Reason { get; set; }

    [Operational]
    public int? HttpStatus { get; set; }

    [Operational]
    public string Title { get; set; } = "";

    [Operational]
    public string? Language { get; set; }

    [Operational]
    public string? Etag { get; set; }

    [Operational]
    public string? LastModified { get; set; }

    /// <summary>SHA-256 of the extracted text.</summary>
    [Operational]
    public byte[]? ContentHash { get; set; }

    [Operational]
    public int? Bytes { get; set; }

    [Operational]
    public int Chunks { get; set; }

    /// <summary>The crawl that last met it.</summary>
    [Operational]
    public int Crawl { get; set; }

    [Operational]
    public DateTimeOffset? FetchedAt { get; set; }

    /// <summary>The batch that last changed what is indexed of it.</summary>
    [Operational]
    public Guid? BatchId { get; set; }
}

/// <summary>A passage of a page.</summary>
[Record("knowledge.chunk", Purpose.KnowledgeBase, Keep = "knowledge.sources")]
internal sealed class Chunk
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid PageId { get; init; }

    [Operational]
    public required int Ordinal { get; init; }

    [Operational]
    public required string Heading { get; init; }

    [Operational]
    public string? Anchor { get; init; }

    [Operational]
    public required string Text { get; init; }

    /// <summary>Of unit length; null until the workspace's provider has made it.</summary>
    [Operational]
    public float[]? Embedding { get; init; }

    /// <summary>The model that made the vector.</summary>
    [Operational]
    public string? EmbeddingModel { get; init; }
}
