using Tenet.Kernel.Audit.Checkpoints;

namespace Tenet.Kernel.Audit;

/// <summary>What verifying a trail found out.</summary>
public sealed record AuditReport
{
    public const int MostFindings = 100;

    /// <summary>How many entries the chain has, purged ones included.</summary>
    public long Entries { get; init; }

    public long Purged { get; init; }

    public long Erased { get; init; }

    /// <summary>Entries that are not chained yet.</summary>
    public long Waiting { get; init; }

    /// <summary>How many checkpoints were compared.</summary>
    public int Checkpoints { get; init; }

    /// <summary>The largest one. What came after it is chained, and not yet attested outside the database.</summary>
    public SignedCheckpoint? Newest { get; init; }

    /// <summary>One sentence per fault, at most <see cref="MostFindings"/>; empty when the trail is what it was.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Faults beyond those that are listed.</summary>
    public int Unlisted { get; init; }

    public bool Holds => Findings.Count == 0;
}
