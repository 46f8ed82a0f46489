using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>A person's sessions in all browsers, as they see and end them.</summary>
internal sealed class OwnSessions(SystemScope system, WorkspaceScope door, Sessions sessions)
{
    /// <summary>The open sessions of a session's login, the one last used first.</summary>
    public Task<List<SessionLine>> ListAsync(Guid sessionId, CancellationToken ct) =>
        system.RunAsync(
            s =>
                s.ListAsync(
                    $"""
                    select s.id, s.user_agent, s.ip, s.method, s.created_at, s.last_seen_at, w.name
                      from accounts.session s
                      join kernel.workspace w on w.id = s.current_workspace_id
                     where s.login_id = (select login_id from accounts.session where id = {sessionId})
                       and s.state = 'open' and s.expires_at > {s.Now}
                     order by s.last_seen_at desc, s.id
                     limit 100
                    """,
                    row => new SessionLine(
                        row.GetGuid(0),
                        Device.Of(row.TextOrNull(1)),
                        Device.PlaceOf(row.TextOrNull(2)),
                        Kernel.Postgres.SqlValue.Enum<SignInMethod>(row.GetString(3)),
                        row.GetFieldValue<DateTimeOffset>(4),
                        row.GetFieldValue<DateTimeOffset>(5),
                        row.GetString(6)
                    ),
                    ct
                ),
            ct
        );

    /// <summary>Device and place of those of these sessions that are still open.</summary>
    public async Task<Dictionary<Guid, (string Device, string Place)>> DevicesAsync(Guid[] ids, CancellationToken ct) =>
        (
            await system.RunAsync(
                s =>
                    s.ListAsync(
                        $"select id, user_agent, ip from accounts.session where id = any({ids})",
                        row => (Id: row.GetGuid(0), Device: Device.Of(row.TextOrNull(1)), Place: Device.PlaceOf(row.TextOrNull(2))),
                        ct
                    ),
                ct
            )
        ).ToDictionary(found => found.Id, found => (found.Device, found.Place));

    /// <summary>Ends one session of the caller's login.</summary>
    /// <exception cref="NotFoundException">No such session, or somebody else's.</exception>
    public async Task EndAsync(Guid workspaceId, Guid memberId, Guid ownSessionId, Guid id, CancellationToken ct)
    {
        var ended = await DeleteAsync(
            $"""
            delete from accounts.session
             where id = {id} and login_id = (select login_id from accounts.session where id = {ownSessionId})
            returning id
            """,
            ct
        );
        if (ended.Count == 0)
        {
            throw new NotFoundException("session");
        }
        await TellAsync(workspaceId, memberId, ended, ct);
    }

    /// <summary>Ends every session of the caller's login but the one that asks; also those that wait for a second factor.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndOthersAsync(Guid workspaceId, Guid memberId, Guid ownSessionId, CancellationToken ct)
    {
        var ended = await DeleteAsync(
            $"""
            delete from accounts.session
             where id <> {ownSessionId} and login_id = (select login_id from accounts.session where id = {ownSessionId})
            returning id
            """,
            ct
        );
        await TellAsync(workspaceId, memberId, ended, ct);
        return ended.Count;
    }

    private Task<List<Guid>> DeleteAsync(Sql delete, CancellationToken ct) =>
        system.RunAsync(s => s.ListAsync(delete, row => row.GetGuid(0), ct), ct);

    private async Task TellAsync(Guid workspaceId, Guid memberId, List<Guid> ended, CancellationToken ct)
    {
        ended.ForEach(sessions.Forget);
        await door.BatchAsync(
            workspaceId,
            Actor.Member(memberId),
            batch =>
            {
                foreach (var id in ended)
                {
                    batch.Audit("session.ended", "session", id);
                    batch.Publish(Sessions.Topic, id);
                }
            },
            ct
        );
    }
}

/// <param name="Workspace">The one it is in.</param>
internal sealed record SessionLine(
    Guid Id,
    string Device,
    string Place,
    SignInMethod Method,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastSeenAt,
    string Workspace
)
{
    public string How =>
        Method switch
        {
            SignInMethod.Passkey => "passkey",
            SignInMethod.Authenticator => "link and app",
            SignInMethod.RecoveryCode => "recovery code",
            _ => "link",
        };
}
