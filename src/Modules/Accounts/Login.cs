using Tenet.Kernel.DataMaps;

namespace Tenet.Accounts;

/// <summary>A person who signs in, by e-mail address. May be a member of several workspaces.</summary>
[Record("accounts.login", Purpose.Authentication, Keep = "accounts.logins")]
internal sealed record Login
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>Lower case.</summary>
    [Personal(Category.Email), Identifies]
    public required string Email { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }
}
