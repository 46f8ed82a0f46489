using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Something that a member did, or that was refused to them, about signing in.</summary>
/// <param name="Device">Of the session; null once the session is over, for it takes its device and address along.</param>
/// <param name="Place">The network, no closer.</param>
public sealed record SignInEvent(AuditLine Line, string? Device, string? Place)
{
    public bool IsRefused => Line.Action == "session.refused";

    public string What =>
        Line.Action switch
        {
            "session.started" => "Signed in",
            "session.ended" => "Signed out",
            "session.confirmed" => "Confirmed it was you",
            "session.refused" => "A wrong code or passkey",
            "factor.added" => "Second factor added",
            "factor.removed" => "Second factor removed",
            "factor.codes_replaced" => "Recovery codes replaced",
            var other => other,
        };

    /// <summary>By what: the details hold one word of it.</summary>
    public string How =>
        Line.Said.Split(' ', 2) is [_, var word]
            ? word switch
            {
                "app" or "authenticator" => "authenticator app",
                "wrong" => "",
                "too many" => "too many wrong codes",
                _ => word,
            }
            : "";
}

/// <summary>Sign-ins of 30 days.</summary>
internal sealed record SignInCounts(long SignIns, long Refused);

/// <summary>A member's signing in, from the audit log and the sessions that are open: nothing is kept for it.</summary>
internal sealed class SignInActivity(OwnSessions sessions, WorkspaceScope door)
{
    /// <param name="before">The last entry of the page before; null for the newest.</param>
    /// <returns>A page, newest first, and one more when there are older ones.</returns>
    public async Task<IReadOnlyList<SignInEvent>> ReadAsync(
        Guid workspaceId,
        Actor reader,
        Guid memberId,
        Guid? before,
        CancellationToken ct
    )
    {
        var lines = await door.RunAsync(workspaceId, reader, ctx => AuditTrail.SignInsOfAsync(ctx, memberId, before, ct), ct);
        var ids = lines.Where(line => line.SubjectKind == "session").Select(line => line.SubjectId).Distinct().ToArray();
        var known = await sessions.DevicesAsync(ids, ct);
        return
        [
            .. lines.Select(line =>
                known.TryGetValue(line.SubjectId, out var found)
                    ? new SignInEvent(line, found.Device, found.Place)
                    : new SignInEvent(line, null, null)
            ),
        ];
    }

    public static async Task<SignInCounts> CountAsync(WorkspaceContext ctx, Guid memberId, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync(
            $"""
            select count(*) filter (where action = 'session.started'), count(*) filter (where action = 'session.refused')
              from audit.entry
             where actor_kind = 'member' and actor_id = {memberId} and action in ('session.started', 'session.refused')
               and at > {ctx.Now.AddDays(-30)}
            """,
            row => new SignInCounts(row.GetInt64(0), row.GetInt64(1)),
            ct
        ) ?? new SignInCounts(0, 0);
}
