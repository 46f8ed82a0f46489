using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Consents;

/// <summary>How a person said it.</summary>
internal enum ConsentMethod
{
    AcceptAll,
    RejectAll,

    /// <summary>Category by category, in the preference centre.</summary>
    Preferences,
    Withdrawal,

    /// <summary>By the browser's setting, before anything was asked.</summary>
    Signal,
}

/// <summary>What the browser says of its own accord.</summary>
internal enum PrivacySignal
{
    None,

    /// <summary>Global Privacy Control: the header <c>Sec-GPC</c> with exactly the value 1.</summary>
    Gpc,

    /// <summary>Do Not Track: the header <c>DNT</c> with exactly the value 1.</summary>
    Dnt,
}

/// <summary>
/// What a person chose about cookies and the like on a customer's website, at one moment; the latest of a person counts. The fields are
/// those of a consent record by ISO/IEC TS 27560:2023. No row is ever changed: who changes their mind adds one.
/// </summary>
[Record("privacy.consent", Purpose.Accountability, Keep = GiveConsent.Rule)]
internal sealed record Consent
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>A random number that the person's browser keeps, and nothing else of them.</summary>
    [Personal(Category.Pseudonym), Identifies]
    public required Guid Person { get; init; }

    /// <summary>The text that was shown.</summary>
    [Operational]
    public required Guid NoticeId { get; init; }

    [Operational]
    public required bool Analytics { get; init; }

    [Operational]
    public required bool Preferences { get; init; }

    [Operational]
    public required ConsentMethod Method { get; init; }

    [Operational]
    public required PrivacySignal Signal { get; init; }

    /// <summary>Of the page, <c>https://shop.example</c>; null when the browser did not say.</summary>
    [Operational]
    public string? Origin { get; init; }

    [Operational]
    public required DateTimeOffset At { get; init; }
}

/// <summary>A text that was served to persons before they chose, word by word: what a consent was given to.</summary>
[Record("privacy.consent_notice", Purpose.Accountability, Keep = GiveConsent.Rule)]
internal sealed record ConsentNotice
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of <see cref="Text"/>.</summary>
    [Operational]
    public required byte[] Hash { get; init; }

    [Operational]
    public required string Language { get; init; }

    /// <summary>JSON: the texts by their keys.</summary>
    [Operational]
    public required string Text { get; init; }

    [Operational]
    public required DateTimeOffset CreatedAt { get; init; }
}
