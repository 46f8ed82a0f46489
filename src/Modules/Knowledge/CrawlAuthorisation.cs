using Tenet.Kernel.DataMaps;

namespace Tenet.Knowledge;

internal enum ProofMethod
{
    Meta,
    File,
    Dns,

    /// <summary>A host of the operator's own machine, listed in its configuration.</summary>
    ListedByOperator,
}

/// <summary>Who showed that a host is theirs, when and how: the permission to crawl it. Never changed, and kept when the source is gone.</summary>
[Record("knowledge.crawl_authorisation", Purpose.Accountability, Keep = "knowledge.authorisations")]
internal sealed class CrawlAuthorisation
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid SourceId { get; init; }

    /// <summary>Lower case, with the port where it is not the scheme's own.</summary>
    [Operational]
    public required string Host { get; init; }

    [Operational]
    public required ProofMethod Method { get; init; }

    [Operational]
    public required DateTimeOffset ProvenAt { get; init; }

    [Operational]
    public Guid? ProvenBy { get; init; }
}
