using Tenet.Kernel.DataMaps;

namespace Tenet.Accounts;

/// <summary>A place in the workspace that waits for a person. Gone once accepted or withdrawn.</summary>
[Record("accounts.invitation", Purpose.Account, Keep = "accounts.invitations")]
internal sealed record Invitation
{
    [Operational]
    public required Guid Id { get; init; }

    [Personal(Category.Email), Identifies]
    public required string Email { get; init; }

    [Operational]
    public required string Role { get; init; }

    [Personal(Category.Credentials)]
    public byte[] TokenHash { get; init; } = [];

    [Operational]
    public Guid? InvitedBy { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }
}
