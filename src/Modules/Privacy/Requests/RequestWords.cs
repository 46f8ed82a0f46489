namespace Tenet.Privacy.Requests;

/// <summary>Under which law somebody asks; it decides the clocks.</summary>
internal enum RequestRegime
{
    Gdpr,
    Ccpa,
}

/// <summary>What is asked for: Articles 15 to 22 GDPR, then the California Consumer Privacy Act.</summary>
internal enum RequestKind
{
    Access,
    Portability,
    Rectification,
    Erasure,
    Restriction,
    Objection,

    /// <summary>That a person looks at what was decided or answered automatically: Article 22(3).</summary>
    HumanReview,
    Know,
    Delete,
    OptOut,

    /// <summary>Limit the use of sensitive data.</summary>
    Limit,
}

internal enum RequestState
{
    Received,

    /// <summary>A letter with a link is under way to the address.</summary>
    Verifying,
    Verified,
    InProgress,
    WaitingForInput,
    Done,
    Denied,
    Withdrawn,
}

internal enum RequestSource
{
    Api,
    Form,
    Widget,
    Email,
    Account,
}

/// <summary>By what the person proved who they are.</summary>
internal enum RequestIdentity
{
    None,

    /// <summary>The link in a letter to the address on file.</summary>
    Link,

    /// <summary>The token of the chat, which the website may have vouched for.</summary>
    Widget,

    /// <summary>A member who was signed in.</summary>
    Member,

    /// <summary>A member of the team looked and said why.</summary>
    Review,
}

internal enum DenialGround
{
    SuspectedFraud,
    InsufficientVerification,
    NoMatch,
    ClaimNotCovered,
    OutsideJurisdiction,
    TooManyRequests,
    Other,
}

internal static class RequestWords
{
    public static readonly IReadOnlyList<RequestKind> OfGdpr =
    [
        RequestKind.Access,
        RequestKind.Portability,
        RequestKind.Rectification,
        RequestKind.Erasure,
        RequestKind.Restriction,
        RequestKind.Objection,
        RequestKind.HumanReview,
    ];

    public static readonly IReadOnlyList<RequestKind> OfCcpa =
    [
        RequestKind.Know,
        RequestKind.Delete,
        RequestKind.OptOut,
        RequestKind.Limit,
    ];

    public static IReadOnlyList<RequestKind> Of(RequestRegime regime) => regime == RequestRegime.Gdpr ? OfGdpr : OfCcpa;

    /// <summary>Ends with a copy that the person downloads.</summary>
    public static bool IsCopy(this RequestKind kind) => kind is RequestKind.Access or RequestKind.Portability or RequestKind.Know;

    public static bool IsErasure(this RequestKind kind) => kind is RequestKind.Erasure or RequestKind.Delete;

    public static bool IsClosed(this RequestState state) => state is RequestState.Done or RequestState.Denied or RequestState.Withdrawn;
}
