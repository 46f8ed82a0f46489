using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Marketing;

/// <summary>Where somebody asked to be written to.</summary>
internal enum MarketingMethod
{
    /// <summary>The public page of the workspace.</summary>
    Form,
    Api,
}

internal enum WithdrawnBy
{
    Person,
    Team,

    /// <summary>By a request to use their data for no such purpose any more.</summary>
    Objection,
}

/// <summary>
/// That somebody wants a workspace's news: asked for, confirmed by a mailed link (double opt-in), withdrawn. The fields are those of a consent
/// record by ISO/IEC TS 27560:2023. Only confirmed ones that are not withdrawn may be written to.
/// </summary>
[Record("privacy.marketing_consent", Purpose.Accountability, Keep = MarketingList.Rule)]
internal sealed record MarketingConsent
{
    [Operational]
    public required Guid Id { get; init; }

    [Personal(Category.Email), Identifies]
    public required string Email { get; init; }

    /// <summary>The text that was shown, in <c>privacy.consent_notice</c>.</summary>
    [Operational]
    public required Guid NoticeId { get; init; }

    [Personal(Category.Language)]
    public required string Language { get; init; }

    [Operational]
    public required MarketingMethod Method { get; init; }

    [Operational]
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>SHA-256 of the secret in the letter's link.</summary>
    [Operational]
    public required byte[] LinkHash { get; init; }

    [Operational]
    public required DateTimeOffset LinkEndsAt { get; init; }

    /// <summary>SHA-256 of the secret that came back: the database compares the two.</summary>
    [Operational]
    public byte[]? UsedHash { get; init; }

    [Operational]
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>SHA-256 of the secret in the link that ends it.</summary>
    [Operational]
    public byte[]? WithdrawalHash { get; init; }

    [Operational]
    public DateTimeOffset? WithdrawnAt { get; init; }

    [Operational]
    public WithdrawnBy? WithdrawnBy { get; init; }
}
