using Tenet.Kernel.DataMaps;

namespace Tenet.Accounts.Factors;

/// <summary>An authenticator app. One that is not confirmed is being set up.</summary>
[Record("accounts.authenticator", Purpose.Authentication, Keep = "accounts.factors")]
internal sealed record Authenticator
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid LoginId { get; init; }

    /// <summary>Under the installation's key: a login belongs to no workspace.</summary>
    [Sealed(Category.Credentials, Under = KeyKind.Installation)]
    public required byte[] Secret { get; init; }

    [Operational]
    public bool Confirmed { get; init; }

    /// <summary>Steps of 30 seconds since 1970 (RFC 6238).</summary>
    [Operational]
    public long LastStep { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A WebAuthn credential: its public key and what the authenticator said of itself.</summary>
[Record("accounts.passkey", Purpose.Authentication, Keep = "accounts.factors")]
internal sealed record Passkey
{
    [Operational]
    public required Guid Id { get; init; }

    [Personal(Category.Credentials)]
    public required byte[] CredentialId { get; init; }

    [Operational]
    public required Guid LoginId { get; init; }

    /// <summary>As its owner calls it: <c>Phone</c>.</summary>
    [Personal(Category.Device)]
    public required string Name { get; init; }

    [Personal(Category.Credentials)]
    public required byte[] PublicKey { get; init; }

    [Operational]
    public long SignCount { get; init; }

    [Operational]
    public IReadOnlyList<string> Transports { get; init; } = [];

    [Operational]
    public bool IsUserVerified { get; init; }

    [Operational]
    public bool IsBackupEligible { get; init; }

    [Operational]
    public bool IsBackedUp { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>What was asked of an authenticator, until its answer comes.</summary>
[Record("accounts.passkey_ceremony", Purpose.Authentication, Keep = "accounts.ceremonies")]
internal sealed record PasskeyCeremony
{
    [Operational]
    public required Guid Id { get; init; }

    [Personal(Category.Credentials)]
    public required byte[] BrowserHash { get; init; }

    /// <summary>Null while nobody has said who they are.</summary>
    [Operational]
    public Guid? LoginId { get; init; }

    [Operational]
    public CeremonyKind Kind { get; init; }

    /// <summary>Holds the challenge.</summary>
    [Personal(Category.Credentials)]
    public required string State { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }
}

internal enum CeremonyKind
{
    Add,
    Verify,
}

/// <summary>One of the codes that stand in when every other factor is lost.</summary>
[Record("accounts.recovery_code", Purpose.Authentication, Keep = "accounts.factors")]
internal sealed record RecoveryCode
{
    [Operational]
    public required Guid LoginId { get; init; }

    [Personal(Category.Credentials)]
    public required byte[] CodeHash { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Wrong codes within the last quarter of an hour.</summary>
[Record("accounts.factor_attempts", Purpose.Authentication, Keep = "accounts.factors")]
internal sealed record FactorAttempts
{
    [Operational]
    public required Guid LoginId { get; init; }

    [Operational]
    public int Failures { get; init; }

    [Operational]
    public DateTimeOffset BegunAt { get; init; }
}
