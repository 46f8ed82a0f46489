using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

/// <summary>
/// What a good passkey does, by what its browser was about: signs in (it is possession and PIN or biometry at once, so neither a link nor another
/// factor is asked for), finishes a sign-in that waits for a second factor, or proves anew who is behind an open session.
/// </summary>
internal sealed class PasskeySignIn(Passkeys passkeys, PendingSignIns pendings, Sessions sessions, Lifetimes lifetimes, WorkspaceScope door)
{
    /// <summary>Whose passkey must be asked for; null when nobody has said who they are.</summary>
    public async Task<Guid?> WhoAsync(byte[] browser, CancellationToken ct) =>
        (await pendings.FindAsync(browser, ct))?.LoginId ?? (await sessions.FindAsync(browser, ct))?.LoginId;

    public async Task<PasskeyOutcome> RunAsync(HttpContext http, byte[] browser, string credential, Caller caller, CancellationToken ct)
    {
        var pending = await pendings.FindAsync(browser, ct);
        if (pending is { State: SessionState.SecondFactor })
        {
            return await FinishAsync(http, browser, credential, pending, ct);
        }
        return await sessions.FindAsync(browser, ct) is { } session
            ? await ConfirmAsync(http, browser, credential, session, ct)
            : await BeginAsync(http, browser, credential, caller, ct);
    }

    private async Task<PasskeyOutcome> FinishAsync(
        HttpContext http,
        byte[] browser,
        string credential,
        PendingSignIn pending,
        CancellationToken ct
    )
    {
        string? token = null;
        var life = await lifetimes.OfSessionAsync(ct);
        await passkeys.VerifyAsync(
            http,
            pending.LoginId,
            browser,
            credential,
            async (s, _) => token = await PendingSignIns.OpenAsync(s, life, pending, SignInMethod.Passkey, ct),
            ct
        );
        await RecordAsync(
            pending.WorkspaceId,
            pending.MemberId,
            pending.SessionId,
            token is null ? "session.refused" : "session.started",
            ct
        );
        return new PasskeyOutcome(token is not null, token, "/sign-in/second-factor");
    }

    private async Task<PasskeyOutcome> ConfirmAsync(
        HttpContext http,
        byte[] browser,
        string credential,
        SignedIn session,
        CancellationToken ct
    )
    {
        var whose = await passkeys.VerifyAsync(
            http,
            session.LoginId,
            browser,
            credential,
            (s, _) => Sessions.VerifyAsync(s, session.SessionId, SignInMethod.Passkey, ct),
            ct
        );
        sessions.Forget(session.SessionId);
        await RecordAsync(
            session.WorkspaceId,
            session.MemberId,
            session.SessionId,
            whose is null ? "session.refused" : "session.confirmed",
            ct
        );
        return new PasskeyOutcome(whose is not null, null, "/sign-in/again");
    }

    private async Task<PasskeyOutcome> BeginAsync(HttpContext http, byte[] browser, string credential, Caller caller, CancellationToken ct)
    {
        BegunSession? begun = null;
        var life = await lifetimes.OfSessionAsync(ct);
        await passkeys.VerifyAsync(
            http,
            null,
            browser,
            credential,
            async (s, login) => begun = await BeginAsync(s, life, login, caller, ct),
            ct
        );
        if (begun is not { } session)
        {
            return new PasskeyOutcome(false, null, "/sign-in");
        }
        await RecordAsync(session.WorkspaceId, session.MemberId, session.Id, "session.started", ct);
        return new PasskeyOutcome(true, session.Token, "/");
    }

    private static async Task<BegunSession?> BeginAsync(
        SystemContext system,
        SessionLife life,
        Guid loginId,
        Caller caller,
        CancellationToken ct
    )
    {
        var place = await system.FirstOrDefaultAsync<(Guid WorkspaceId, Guid MemberId)?>(
            $"""
            select m.workspace_id, m.id from accounts.member m
              join kernel.workspace w on w.id = m.workspace_id and (w.closed_at is null or m.role = 'owner')
             where m.login_id = {loginId} order by w.closed_at is not null, m.id limit 1
            """,
            row => (row.GetGuid(0), row.GetGuid(1)),
            ct
        );
        if (place is not { } member)
        {
            return null;
        }
        var (token, id, state) = await Sessions.BeginAsync(system, life, loginId, member.WorkspaceId, caller, SignInMethod.Passkey, ct);
        return new BegunSession(token, id, member.WorkspaceId, member.MemberId, state);
    }

    private Task RecordAsync(Guid workspaceId, Guid memberId, Guid sessionId, string action, CancellationToken ct) =>
        door.BatchAsync(
            workspaceId,
            Actor.Member(memberId),
            batch =>
            {
                batch.Audit(action, "session", sessionId, new { method = "passkey" });
                batch.Publish(Sessions.Topic, sessionId);
            },
            ct
        );
}

/// <param name="Token">For the cookie, when a session was opened.</param>
/// <param name="Page">Where to try again.</param>
internal sealed record PasskeyOutcome(bool Accepted, string? Token, string Page);
