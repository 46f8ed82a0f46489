using Tenet.Kernel;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>A session that waits for a second factor, or for one to be set up. It opens nothing until then.</summary>
internal sealed record PendingSignIn(Guid SessionId, Guid LoginId, Guid WorkspaceId, Guid MemberId, SessionState State)
{
    /// <summary>The page that does what a session in this state waits for, and then leads to <paramref name="returnPath"/>.</summary>
    public static string Next(SessionState state, string returnPath)
    {
        var page = state switch
        {
            SessionState.SecondFactor => "/sign-in/second-factor",
            SessionState.SetUp => "/sign-in/set-up",
            _ => null,
        };
        return page is null ? returnPath
            : returnPath is "/" ? page
            : page + "?returnUrl=" + Uri.EscapeDataString(returnPath);
    }
}

internal sealed class PendingSignIns(SystemScope scope)
{
    /// <summary>The session that this browser has begun and not finished; null when there is none.</summary>
    public Task<PendingSignIn?> FindAsync(byte[]? tokenHash, CancellationToken ct) =>
        tokenHash is null
            ? Task.FromResult<PendingSignIn?>(null)
            : scope.RunAsync(
                s =>
                    s.FirstOrDefaultAsync(
                        $"""
                        select s.id, s.login_id, s.current_workspace_id, m.id, s.state
                          from accounts.session s
                          join accounts.member m on m.workspace_id = s.current_workspace_id and m.login_id = s.login_id
                         where s.token_hash = {tokenHash} and s.state <> 'open' and s.expires_at > {s.Now}
                        """,
                        row => new PendingSignIn(
                            row.GetGuid(0),
                            row.GetGuid(1),
                            row.GetGuid(2),
                            row.GetGuid(3),
                            Kernel.Postgres.SqlValue.Enum<SessionState>(row.GetString(4))
                        ),
                        ct
                    ),
                ct
            );

    /// <summary>Opens the session under a new token, in the transaction that proved the factor.</summary>
    /// <returns>The token for the cookie; null when it was opened or ended meanwhile.</returns>
    public static async Task<string?> OpenAsync(
        SystemContext system,
        SessionLife life,
        PendingSignIn pending,
        SignInMethod method,
        CancellationToken ct
    )
    {
        var token = Secrets.Token();
        var opened = await system.ExecuteAsync(
            $"""
            update accounts.session
               set state = 'open', token_hash = {Secrets.Hash(
                token
            )}, method = {method}, verified_at = {system.Now}, last_seen_at = {system.Now},
                   expires_at = {system.Now + life.Open}
             where id = {pending.SessionId} and state = {pending.State}
            """,
            ct
        );
        return opened == 1 ? token : null;
    }
}
