using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;

namespace Tenet.Accounts;

/// <summary>A person of a workspace who signs in.</summary>
[Record("accounts.member", Purpose.Account, Keep = "accounts.members")]
public sealed record Member
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid LoginId { get; init; }

    [Personal(Category.Email), Identifies]
    public required string Email { get; init; }

    [Personal(Category.Name)]
    public required string Name { get; init; }

    /// <summary>One of <see cref="Roles"/>.</summary>
    [Operational]
    public required string Role { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>From most to least.</summary>
    public static readonly IReadOnlyList<string> Roles = [Access.Owner, Access.Admin, Access.Agent, Access.Viewer];
}
