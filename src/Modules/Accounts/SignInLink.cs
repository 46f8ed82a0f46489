using Tenet.Kernel.DataMaps;

namespace Tenet.Accounts;

/// <summary>A link that signs in once. Only the hash of its token is known.</summary>
[Record("accounts.sign_in_link", Purpose.Authentication, Keep = "accounts.links")]
internal sealed record SignInLink
{
    [Personal(Category.Credentials)]
    public required byte[] TokenHash { get; init; }

    [Operational]
    public required Guid LoginId { get; init; }

    /// <summary>The browser that asked; null when the operator printed the link.</summary>
    [Personal(Category.Credentials)]
    public byte[]? BrowserHash { get; init; }

    [Operational]
    public required string ReturnPath { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }

    [Operational]
    public DateTimeOffset? UsedAt { get; init; }
}

/// <summary>What became of redeeming a link.</summary>
internal enum Redemption
{
    SignedIn,
    OtherBrowser,
    Used,
    Expired,
    Unknown,
    NoWorkspace,
}
