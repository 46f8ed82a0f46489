using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>How long what lets somebody in is valid. Sign-in goes across workspaces, so the strictest policy in force counts.</summary>
internal sealed class Lifetimes(PolicySettings settings)
{
    public ValueTask<TimeSpan> OfLinkAsync(CancellationToken ct) => settings.LifetimeAsync("sign_in_link", ct);

    public ValueTask<TimeSpan> OfInvitationAsync(CancellationToken ct) => settings.LifetimeAsync("invitation", ct);

    public ValueTask<TimeSpan> OfCeremonyAsync(CancellationToken ct) => settings.LifetimeAsync("passkey_ceremony", ct);

    /// <summary>How long a proof of who one is counts for what is dangerous.</summary>
    public ValueTask<TimeSpan> OfStepUpAsync(CancellationToken ct) => settings.LifetimeAsync("step_up", ct);

    public ValueTask<TimeSpan> OfCookieAsync(CancellationToken ct) => settings.LifetimeAsync("session", ct);

    public async ValueTask<SessionLife> OfSessionAsync(CancellationToken ct) =>
        new(await settings.LifetimeAsync("session", ct), await settings.LifetimeAsync("pending_session", ct));

    /// <summary>By which rows it shows whether something is valid for longer than that. What ends too late was issued with too long a life.</summary>
    public static IEnumerable<TokenClock> Clocks { get; } =
    [
        new(
            "sign_in_link",
            most => $"select count(*) from (select from accounts.sign_in_link where expires_at > {most} limit 1000) longer"
        ),
        new("session", most => $"select count(*) from (select from accounts.session where expires_at > {most} limit 1000) longer"),
        new(
            "pending_session",
            most => $"select count(*) from (select from accounts.session where expires_at > {most} and state <> 'open' limit 1000) longer"
        ),
        new(
            "passkey_ceremony",
            most => $"select count(*) from (select from accounts.passkey_ceremony where expires_at > {most} limit 1000) longer"
        ),
        // Counts from when it was proven: a proof of the future would count for too long.
        new(
            "step_up",
            most =>
                $"select count(*) from (select from accounts.session where verified_at > now() + interval '1 minute' and {most}::timestamptz is not null limit 1000) longer"
        ),
        new("invitation", most => $"select count(*) from (select from accounts.invitation where expires_at > {most} limit 1000) longer")
        {
            OfWorkspace = true,
        },
    ];

    public static IEnumerable<RetentionClock> Ends { get; } =
    [
        new(
            "accounts.sessions",
            "after they ended",
            look => $"select count(*) from (select from accounts.session where expires_at < {look.Before} limit 1000) late"
        )
        {
            OfDeployment = true,
            Ends = new("accounts.session", before => $"expires_at < {before}"),
        },
        new(
            "accounts.links",
            "after they ended",
            look => $"select count(*) from (select from accounts.sign_in_link where expires_at < {look.Before} limit 1000) late"
        )
        {
            OfDeployment = true,
            Ends = new("accounts.sign_in_link", before => $"expires_at < {before}"),
        },
        new(
            "accounts.ceremonies",
            "after they ended",
            look => $"select count(*) from (select from accounts.passkey_ceremony where expires_at < {look.Before} limit 1000) late"
        )
        {
            OfDeployment = true,
            Ends = new("accounts.passkey_ceremony", before => $"expires_at < {before}"),
        },
        new(
            "accounts.invitations",
            "after they ended",
            look => $"select count(*) from (select from accounts.invitation where expires_at < {look.Before} limit 1000) late"
        )
        {
            Title = "Invitations",
            Ends = new("accounts.invitation", before => $"expires_at < {before}"),
        },
    ];

    // A person who was removed a moment ago is forgotten by a job.
    private const string NotBeingForgotten =
        "not exists (select from accounts.member m where m.login_id = l.id) and not exists (select from kernel.job j where j.kind = 'accounts.forget_login' and j.subject_id = l.id)";

    public static IEnumerable<LifeClock> Lives { get; } =
    [
        new(
            "accounts.logins",
            LifeClock.Member,
            before =>
                $"select count(*) from (select from accounts.login l where l.created_at < {before} and {Sql.Constant(NotBeingForgotten)} limit 1000) outlived"
        )
        {
            OfDeployment = true,
        },
        new(
            "accounts.factors",
            LifeClock.Member,
            before =>
                $"""
                    select count(*) from (
                      select from (select login_id from accounts.authenticator union select login_id from accounts.passkey
                                   union select login_id from accounts.recovery_code union select login_id from accounts.factor_attempts) f
                        join accounts.login l on l.id = f.login_id
                       where l.created_at < {before} and {Sql.Constant(NotBeingForgotten)} limit 1000) outlived
                    """
        )
        {
            OfDeployment = true,
        },
        new(
            "accounts.members",
            LifeClock.Login,
            before =>
                $"select count(*) from (select from accounts.member m where not exists (select from accounts.login l where l.id = m.login_id) and {before}::timestamptz is not null limit 1000) outlived"
        )
        {
            OfDeployment = true,
        },
        new(
            "accounts.api_keys",
            LifeClock.Member,
            before =>
                $"select count(*) from (select from accounts.api_key k where k.member_id is not null and k.created_at < {before} and not exists (select from accounts.member m where m.id = k.member_id) limit 1000) outlived"
        ),
        LifeClock.OfWorkspace("accounts.sign_in_policies", "accounts.sign_in_policy"),
    ];
}

/// <param name="Open">Of a session that lets in.</param>
/// <param name="Pending">Of one that waits for a second factor.</param>
internal readonly record struct SessionLife(TimeSpan Open, TimeSpan Pending);
