using Tenet.Kernel.DataMaps;

namespace Tenet.Accounts;

/// <summary>A key with which a program calls the API. Its text was shown once and only its hash is kept.</summary>
[Record("accounts.api_key", Purpose.Authentication, Keep = "accounts.api_keys")]
internal sealed record ApiKey
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>Whose personal key it is; null for a key of the workspace.</summary>
    [Operational]
    public Guid? MemberId { get; init; }

    /// <summary>What a key of the workspace may do; a personal key may do what its member may.</summary>
    [Operational]
    public string? Role { get; init; }

    [Operational]
    public required string Name { get; init; }

    /// <summary>The first characters, by which people know it again: <c>tk_Zx8kQ2</c>.</summary>
    [Operational]
    public required string Prefix { get; init; }

    [Personal(Category.Credentials)]
    public byte[] TokenHash { get; init; } = [];

    [Operational]
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Null: only the limits that hold for everybody.</summary>
    [Operational]
    public int? RequestsPerMinute { get; init; }

    [Operational]
    public Guid? CreatedBy { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: until it is revoked.</summary>
    [Operational]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>To the minute.</summary>
    [Operational]
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Of a workspace's own keys, from most to least. An owner's power is for people.</summary>
    public static readonly IReadOnlyList<string> Roles = [Kernel.Http.Access.Admin, Kernel.Http.Access.Agent, Kernel.Http.Access.Viewer];
}
