using Tenet.Kernel.DataMaps;

namespace Tenet.Inbox;

/// <summary>A person on the customer's website: anonymous, until the site vouches for them or they give an address.</summary>
[Record("inbox.visitor", Purpose.CustomerSupport, Keep = "inbox.conversations")]
public sealed class Visitor
{
    [Personal(Category.Pseudonym), Identifies]
    public Guid Id { get; init; }

    /// <summary>The customer's own id of the person, vouched for by the site's signature.</summary>
    [Personal(Category.UniqueId), Identifies]
    public string? ExternalId { get; set; }

    [Personal(Category.Email), Identifies]
    public string? Email { get; set; }

    [Personal(Category.Name)]
    public string? Name { get; set; }

    /// <summary>The site signed for this identity; otherwise the person said it.</summary>
    [Operational]
    public bool Verified { get; set; }

    [Personal(Category.Language)]
    public string Language { get; set; } = "en";

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset SeenAt { get; set; }

    /// <summary>Until when the token is valid that their browser was given last.</summary>
    [Operational]
    public DateTimeOffset? TokenExpiresAt { get; set; }

    /// <summary>When the site signed for their identity last.</summary>
    [Operational]
    public DateTimeOffset? IdentitySignedAt { get; set; }

    /// <summary>When that signature was believed.</summary>
    [Operational]
    public DateTimeOffset? IdentityBelievedAt { get; set; }

    /// <summary>When they said that they are as old as the policy asks; their age itself is not kept.</summary>
    [Operational]
    public DateTimeOffset? AgeConfirmedAt { get; set; }

    /// <summary>How the team sees them in lists.</summary>
    [NoColumn]
    public string Label => Name ?? Email ?? "Visitor " + Id.ToString("N")[^4..].ToUpperInvariant();
}

/// <summary>When a member of the team was last seen in the inbox.</summary>
[Record("inbox.presence", Purpose.CustomerSupport, Keep = "inbox.presence")]
public sealed class Presence
{
    [Personal(Category.UniqueId), Refers(RefersAttribute.AnyPerson)]
    public Guid MemberId { get; init; }

    [Operational]
    public DateTimeOffset SeenAt { get; set; }
}
