using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

/// <summary>
/// What a signed-in person changes about their own sign-in. Callers ask for a fresh proof before. Each change is audited and written to the person;
/// with the first factor every other session ends, for those were opened without one.
/// </summary>
internal sealed class FactorChanges(SecondFactors factors, FactorCheck check, Passkeys passkeys, OwnSessions sessions, WorkspaceScope door)
{
    /// <summary>Confirms the app that is being set up.</summary>
    /// <returns>New recovery codes when there were none, to be shown once; else an empty list.</returns>
    /// <exception cref="RuleException">The code is wrong, or too many were.</exception>
    public async Task<IReadOnlyList<string>> ConfirmAppAsync(SignedIn session, string? code, CancellationToken ct)
    {
        IReadOnlyList<string> codes = [];
        var first = !(await factors.ReadAsync(session.LoginId, ct)).Any;
        var result = await check.ConfirmAsync(
            session.LoginId,
            code,
            async s =>
            {
                codes = await CodesIfNoneAsync(s, session.LoginId, ct);
                await factors.TellAsync(s, session.LoginId, "An authenticator app was added to your sign-in", ct);
            },
            ct
        );
        if (result != FactorResult.Accepted)
        {
            throw new RuleException(
                "code",
                result == FactorResult.TooMany
                    ? "Too many wrong codes. Wait 15 minutes, then try again."
                    : "This code is not right. Check the clock of your phone, then type the next code."
            );
        }
        await DoneAsync(session, "factor.added", "app", first, ct);
        return codes;
    }

    /// <exception cref="RuleException">The passkey was not accepted.</exception>
    public async Task AddPasskeyAsync(
        HttpContext http,
        SignedIn session,
        byte[] browser,
        string credential,
        string name,
        CancellationToken ct
    )
    {
        var first = !(await factors.ReadAsync(session.LoginId, ct)).Any;
        await passkeys.AddAsync(
            http,
            session.LoginId,
            browser,
            credential,
            name,
            s => factors.TellAsync(s, session.LoginId, "A passkey was added to your sign-in", ct),
            ct
        );
        await DoneAsync(session, "factor.added", "passkey", first, ct);
    }

    public async Task RemoveAppAsync(SignedIn session, CancellationToken ct)
    {
        await factors.RemoveAppAsync(session.LoginId, ct);
        await DoneAsync(session, "factor.removed", "app", endOthers: false, ct);
    }

    public async Task RemovePasskeyAsync(SignedIn session, Guid id, CancellationToken ct)
    {
        await factors.RemovePasskeyAsync(session.LoginId, id, ct);
        await DoneAsync(session, "factor.removed", "passkey", endOthers: false, ct);
    }

    /// <summary>Replaces all recovery codes.</summary>
    public async Task<IReadOnlyList<string>> NewCodesAsync(SignedIn session, CancellationToken ct)
    {
        var codes = await factors.NewCodesAsync(session.LoginId, ct);
        await DoneAsync(session, "factor.codes_replaced", "codes", endOthers: false, ct);
        return codes;
    }

    private static async Task<IReadOnlyList<string>> CodesIfNoneAsync(SystemContext system, Guid loginId, CancellationToken ct) =>
        await system.ScalarAsync<bool>($"select exists (select from accounts.recovery_code where login_id = {loginId})", ct)
            ? []
            : await RecoveryCodes.IssueAsync(system, loginId, ct);

    private async Task DoneAsync(SignedIn session, string action, string kind, bool endOthers, CancellationToken ct)
    {
        await door.BatchAsync(
            session.WorkspaceId,
            Actor.Member(session.MemberId),
            batch => batch.Audit(action, "member", session.MemberId, new { kind }),
            ct
        );
        if (endOthers)
        {
            await sessions.EndOthersAsync(session.WorkspaceId, session.MemberId, session.SessionId, ct);
        }
    }
}
