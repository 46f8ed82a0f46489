using Tenet.Accounts.Factors;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>What follows the link: the second factor, setting one up where the workspace wants it, and proving again who asks.</summary>
internal sealed class SignInSteps(Sessions sessions, FactorCheck check, SecondFactors factors, Lifetimes lifetimes, WorkspaceScope door)
{
    /// <summary>Finishes a sign-in by a code of the app or a recovery code.</summary>
    public async Task<StepOutcome> FinishAsync(PendingSignIn pending, string? code, CancellationToken ct)
    {
        string? token = null;
        var life = await lifetimes.OfSessionAsync(ct);
        var used = SignInMethod.Authenticator;
        var result = await check.RunAsync(
            pending.LoginId,
            code,
            async (system, method) =>
            {
                (token, used) = (await PendingSignIns.OpenAsync(system, life, pending, method, ct), method);
                await TellRecoveryAsync(system, pending.LoginId, method, ct);
            },
            ct
        );
        await RecordAsync(pending.WorkspaceId, pending.MemberId, pending.SessionId, result, "session.started", used, ct);
        return new StepOutcome(result, token);
    }

    /// <summary>Sets up the app that the workspace asks for, and with it finishes the sign-in.</summary>
    public async Task<StepOutcome> SetUpAsync(PendingSignIn pending, string? code, CancellationToken ct)
    {
        string? token = null;
        var life = await lifetimes.OfSessionAsync(ct);
        IReadOnlyList<string>? codes = null;
        var result = await check.ConfirmAsync(
            pending.LoginId,
            code,
            async system =>
            {
                token = await PendingSignIns.OpenAsync(system, life, pending, SignInMethod.Authenticator, ct);
                codes = await RecoveryCodes.IssueAsync(system, pending.LoginId, ct);
                await factors.TellAsync(system, pending.LoginId, "An authenticator app was added to your sign-in", ct);
            },
            ct
        );
        await RecordAsync(
            pending.WorkspaceId,
            pending.MemberId,
            pending.SessionId,
            result,
            "session.started",
            SignInMethod.Authenticator,
            ct
        );
        return new StepOutcome(result, token, codes);
    }

    /// <summary>Proves anew who is behind an open session.</summary>
    public async Task<FactorResult> ConfirmAsync(SignedIn session, string? code, CancellationToken ct)
    {
        var used = SignInMethod.Authenticator;
        var result = await check.RunAsync(
            session.LoginId,
            code,
            async (system, method) =>
            {
                used = method;
                await Sessions.VerifyAsync(system, session.SessionId, method, ct);
                await TellRecoveryAsync(system, session.LoginId, method, ct);
            },
            ct
        );
        sessions.Forget(session.SessionId);
        await RecordAsync(session.WorkspaceId, session.MemberId, session.SessionId, result, "session.confirmed", used, ct);
        return result;
    }

    private async Task TellRecoveryAsync(SystemContext system, Guid loginId, SignInMethod method, CancellationToken ct)
    {
        if (method == SignInMethod.RecoveryCode)
        {
            await factors.TellAsync(system, loginId, "A recovery code was used to sign in as you", ct);
        }
    }

    private Task RecordAsync(
        Guid workspaceId,
        Guid memberId,
        Guid sessionId,
        FactorResult result,
        string action,
        SignInMethod method,
        CancellationToken ct
    ) =>
        door.BatchAsync(
            workspaceId,
            Actor.Member(memberId),
            batch =>
            {
                if (result == FactorResult.Accepted)
                {
                    batch.Audit(action, "session", sessionId, new { method = Kernel.Postgres.SqlValue.Text(method) });
                    batch.Publish(Sessions.Topic, sessionId);
                }
                else
                {
                    batch.Audit("session.refused", "session", sessionId, new { reason = Kernel.Postgres.SqlValue.Text(result) });
                }
            },
            ct
        );
}

/// <param name="Token">For the cookie, when the session was opened.</param>
/// <param name="Codes">New recovery codes, to be shown once.</param>
internal sealed record StepOutcome(FactorResult Result, string? Token, IReadOnlyList<string>? Codes = null);
