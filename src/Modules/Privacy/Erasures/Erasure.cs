using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Erasures;

/// <summary>Why a person is erased: Article 17(1) GDPR, and the age of a child.</summary>
internal enum ErasureGround
{
    Request,
    ConsentWithdrawn,
    Objection,
    Unlawful,
    Child,

    /// <summary>A legal obligation to erase.</summary>
    Duty,
}

/// <summary>Recorded: the ledger stands outside the database, nothing is destroyed yet. Destroyed: what is left is to look whether it is gone.</summary>
internal enum ErasureState
{
    Waiting,
    Recorded,
    Destroyed,
    Done,
}

internal enum Outcome
{
    Pending,
    Erased,
    Anonymised,
    NothingFound,
    Retained,
    Unreachable,
    Unverified,
}

[Record("privacy.erasure", Purpose.Accountability, Keep = "privacy.erasures")]
[NoSubject("Names the rows of a person until they are erased; then nothing but a keyed hash is left.")]
internal sealed record Erasure
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>The rows that stand for the person; null once done.</summary>
    [Personal(Category.Pseudonym)]
    public Guid[]? Persons { get; init; }

    /// <summary>A keyed hash of them: who knows the rows can show that they were meant, nobody can learn them from it.</summary>
    [Operational]
    public required byte[] Reference { get; init; }

    [Operational]
    public required ErasureGround Ground { get; init; }

    [Operational]
    public required ErasureState State { get; init; }

    [Operational]
    public Guid? RequestedBy { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset? RecordedAt { get; init; }

    [Operational]
    public DateTimeOffset? DestroyedAt { get; init; }

    [Operational]
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>By when the policy says that it is complete.</summary>
    [Operational]
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When the team was told that the day is near.</summary>
    [Operational]
    public DateTimeOffset? WarnedAt { get; init; }

    /// <summary>The signed certificate, as JSON.</summary>
    [Operational]
    public string? Certificate { get; init; }
}

/// <summary>What became of one store of one erasure.</summary>
[Record("privacy.erasure_outcome", Purpose.Accountability, Keep = "privacy.erasures")]
internal sealed record ErasureOutcome
{
    [Operational]
    public required Guid ErasureId { get; init; }

    /// <summary>A table, or another place by its name.</summary>
    [Operational]
    public required string Store { get; init; }

    [Operational]
    public required Outcome Outcome { get; init; }

    [Operational]
    public required string Method { get; init; }

    [Operational]
    public long RowsFound { get; init; }

    /// <summary>Counted anew afterwards; null while nobody has.</summary>
    [Operational]
    public long? RowsRemaining { get; init; }

    /// <summary>Why something stays.</summary>
    [Operational]
    public string? Ground { get; init; }

    /// <summary>SHA-256 of the question that counted what remains.</summary>
    [Operational]
    public byte[]? QueryHash { get; init; }

    [Operational]
    public DateTimeOffset? VerifiedAt { get; init; }
}

/// <summary>A keyed hash of a row or an identifier that was erased.</summary>
[Record("privacy.erasure_ledger", Purpose.Accountability, Keep = "privacy.ledger")]
[NoSubject("A keyed hash, by which rows that a restored database brings back are known again; it leads from nobody to anything.")]
internal sealed record LedgerEntry
{
    [Operational]
    public required Guid ErasureId { get; init; }

    [Personal(Category.Pseudonym)]
    public required byte[] Hash { get; init; }

    [Operational]
    public DateTimeOffset At { get; init; }
}
