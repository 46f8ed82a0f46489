using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Closings;

/// <summary>Waiting: it can be reopened. Purging: it cannot any more, and rows go.</summary>
internal enum ClosingState
{
    Waiting,
    Purging,
    Done,
    Reopened,
}

/// <summary>A workspace's end, from the owner's word to the last row. Stays, with its certificate, when nothing else of the workspace does.</summary>
[Record("privacy.closing", Purpose.Accountability, Keep = "privacy.closings")]
internal sealed record Closing
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required ClosingState State { get; init; }

    /// <summary>A keyed hash of the workspace: what the ledger outside says of it.</summary>
    [Operational]
    public required byte[] Reference { get; init; }

    /// <summary>Name and version that the workspace was under.</summary>
    [Operational]
    public string? Policy { get; init; }

    [Operational, Mentions]
    public Guid? RequestedBy { get; init; }

    [Operational]
    public DateTimeOffset ClosedAt { get; init; }

    /// <summary>Until then it can be reopened.</summary>
    [Operational]
    public DateTimeOffset PurgeAt { get; init; }

    [Operational]
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>When the ledger stood outside the database.</summary>
    [Operational]
    public DateTimeOffset? RecordedAt { get; init; }

    [Operational]
    public DateTimeOffset? KeysDestroyedAt { get; init; }

    [Operational]
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>SHA-256 of the token in the address at which the owners find the certificate.</summary>
    [Operational]
    public byte[]? LinkHash { get; init; }

    /// <summary>That the audit log told of it, made while the log and its key were there.</summary>
    [Operational]
    public string? AuditProof { get; init; }

    [Operational]
    public string? Certificate { get; init; }
}

[Record("privacy.closing_part", Purpose.Accountability, Keep = "privacy.closings")]
internal sealed record ClosingPart
{
    [Operational]
    public required Guid ClosingId { get; init; }

    /// <summary>One of <see cref="Parts"/>.</summary>
    [Operational]
    public required string Part { get; init; }

    [Operational]
    public DateTimeOffset BeginsAt { get; init; }

    /// <summary>By when the policy says that it is gone.</summary>
    [Operational]
    public DateTimeOffset GoneBy { get; init; }

    [Operational]
    public DateTimeOffset? PurgedAt { get; init; }
}

[Record("privacy.closing_outcome", Purpose.Accountability, Keep = "privacy.closings")]
internal sealed record ClosingOutcome
{
    [Operational]
    public required Guid ClosingId { get; init; }

    [Operational]
    public required string Store { get; init; }

    [Operational]
    public required string Method { get; init; }

    [Operational]
    public long RowsFound { get; init; }

    [Operational]
    public long? RowsRemaining { get; init; }

    [Operational]
    public byte[]? QueryHash { get; init; }

    [Operational]
    public DateTimeOffset? VerifiedAt { get; init; }
}

/// <summary>What signs the certificates of workspaces: their own keys are destroyed before.</summary>
[Record("privacy.installation_key", Purpose.Accountability, Keep = "kernel.installation")]
internal sealed record InstallationKey
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>There is one.</summary>
    [Operational]
    public bool Single { get; init; } = true;

    /// <summary>PKCS 8 in base64.</summary>
    [Sealed(Category.SystemCredentials, Under = KeyKind.Installation)]
    public required byte[] PrivateKey { get; init; }

    [Operational]
    public required byte[] PublicKey { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }
}
