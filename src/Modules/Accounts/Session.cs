using System.Security.Claims;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;

namespace Tenet.Accounts;

/// <summary>A signed-in browser.</summary>
[Record("accounts.session", Purpose.Authentication, Keep = "accounts.sessions")]
internal sealed record Session
{
    [Operational]
    public required Guid Id { get; init; }

    [Personal(Category.Credentials)]
    public required byte[] TokenHash { get; init; }

    [Operational]
    public required Guid LoginId { get; init; }

    [Operational]
    public required Guid CurrentWorkspaceId { get; init; }

    [Personal(Category.IpAddress)]
    public string? Ip { get; init; }

    [Personal(Category.Device)]
    public string? UserAgent { get; init; }

    /// <summary>What is still asked for before the session opens anything.</summary>
    [Operational]
    public SessionState State { get; init; }

    /// <summary>How the person last proved who they are.</summary>
    [Operational]
    public SignInMethod Method { get; init; }

    /// <summary>When the person last proved who they are.</summary>
    [Operational]
    public DateTimeOffset VerifiedAt { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset LastSeenAt { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }
}

internal enum SessionState
{
    Open,
    SecondFactor,
    SetUp,
}

internal enum SignInMethod
{
    Link,
    Passkey,
    Authenticator,
    RecoveryCode,
}

/// <summary>What a living session says of its caller.</summary>
internal sealed record SignedIn(
    Guid SessionId,
    Guid LoginId,
    Guid WorkspaceId,
    Guid MemberId,
    string Role,
    string Name,
    DateTimeOffset VerifiedAt
)
{
    /// <summary>How long after <see cref="VerifiedAt"/> the person may do what is dangerous.</summary>
    public TimeSpan StaysFresh { get; init; }

    public ClaimsPrincipal ToPrincipal(DateTimeOffset now)
    {
        IEnumerable<Claim> steppedUp = now - VerifiedAt < StaysFresh ? [new Claim(TenetClaims.SteppedUp, "1")] : [];
        return new ClaimsPrincipal(
            new ClaimsIdentity(
                [
                    new Claim(TenetClaims.Session, SessionId.ToString()),
                    new Claim(TenetClaims.Workspace, WorkspaceId.ToString()),
                    new Claim(TenetClaims.Member, MemberId.ToString()),
                    new Claim(TenetClaims.Role, Role),
                    new Claim(TenetClaims.Name, Name),
                    .. steppedUp,
                ],
                SessionCookie.Name,
                TenetClaims.Name,
                TenetClaims.Role
            )
        );
    }
}
