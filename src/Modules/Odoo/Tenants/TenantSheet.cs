using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Turns;
using Tenet.Odoo.Writes;

namespace Tenet.Odoo.Tenants;

/// <summary>The connected Odoo as its admin sees it here.</summary>
internal sealed record TenantView(
    Guid Id,
    string Url,
    string Database,
    string OdooVersion,
    TenantState State,
    string? Fault,
    DateTimeOffset ConnectedAt,
    DateTimeOffset? CheckedAt
);

/// <summary>A chat in numbers.</summary>
internal sealed record SessionRow(Guid Id, int Uid, string Title, int Turns, DateTimeOffset LastAt);

/// <summary>What was used in 30 days.</summary>
internal sealed record CopilotUsage(int Turns, int Answered, int Ungrounded, int Failed, long Tokens, int Users);

/// <summary>What became of proposed changes in 30 days.</summary>
/// <param name="NotDone">Approved, and certainly not written.</param>
/// <param name="Running">Approved a moment ago.</param>
/// <param name="Unknown">Approved, and Odoo's answer was lost.</param>
internal sealed record ChangeCounts(int Proposed, int Done, int Declined, int NotDone, int Running, int Unknown);

/// <summary>A change of which nobody here knows whether Odoo wrote it.</summary>
internal sealed record LostChange(Guid Id, int Uid, OdooAction Action, DateTimeOffset DecidedAt);

/// <summary>Somebody asked for a person.</summary>
internal sealed record HelpRow(Guid Id, int Uid, DateTimeOffset AskedAt);

/// <summary>What the console shows of the copilot: states, numbers and times, for there is nothing else.</summary>
internal sealed record TenantSheet(
    TenantView? Tenant,
    CopilotUsage Usage,
    ChangeCounts Changes,
    IReadOnlyList<LostChange> Lost,
    IReadOnlyList<HelpRow> Help,
    IReadOnlyList<SessionRow> Sessions
)
{
    private const int Newest = 25;

    public static async Task<TenantSheet> ReadAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var tenant = await ctx.FirstOrDefaultAsync(
            $"select id, url, database, odoo_version, state, fault, connected_at, checked_at from odoo.tenant where disconnected_at is null",
            row => new TenantView(
                row.GetGuid(0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3),
                row.GetString(4) switch
                {
                    "connected" => TenantState.Connected,
                    "unreachable" => TenantState.Unreachable,
                    _ => TenantState.Unchecked,
                },
                row.TextOrNull(5),
                row.GetFieldValue<DateTimeOffset>(6),
                row.ValueOrNull<DateTimeOffset>(7)
            ),
            ct
        );
        var usage = await ctx.FirstOrDefaultAsync(
            $"""
            select count(*)::int, count(*) filter (where state in ('answered', 'waiting', 'not_found'))::int, count(*) filter (where state = 'ungrounded')::int,
                   count(*) filter (where state = 'failed')::int, coalesce(sum(tokens_in + tokens_out), 0)::bigint, count(distinct uid)::int
              from odoo.turn where started_at > {ctx.Now.AddDays(-30)}
            """,
            row => new CopilotUsage(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt64(4), row.GetInt32(5)),
            ct
        );
        var sessions = await ctx.ListAsync(
            $"""
            select s.id, s.uid, s.title, (select count(*)::int from odoo.turn t where t.session_id = s.id), s.last_at
              from odoo.session s order by s.last_at desc limit {Newest}
            """,
            row => new SessionRow(
                row.GetGuid(0),
                row.GetInt32(1),
                CopilotText.Of("title." + row.GetString(2), "en"),
                row.GetInt32(3),
                row.GetFieldValue<DateTimeOffset>(4)
            ),
            ct
        );
        var changes = await ctx.FirstOrDefaultAsync(
            $"""
            select count(*)::int, count(*) filter (where state = 'done')::int, count(*) filter (where state = 'declined')::int,
                   count(*) filter (where state in ('conflict', 'failed'))::int, count(*) filter (where state = 'executing')::int,
                   count(*) filter (where state = 'unknown')::int
              from odoo.approval where proposed_at > {ctx.Now.AddDays(-30)}
            """,
            row => new ChangeCounts(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5)),
            ct
        );
        var lost = await ctx.ListAsync(
            $"""
            select id, uid, action, decided_at from odoo.approval where state = 'unknown' and proposed_at > {ctx.Now.AddDays(-30)}
             order by proposed_at desc limit {Newest}
            """,
            row => new LostChange(
                row.GetGuid(0),
                row.GetInt32(1),
                SqlValue.Enum<OdooAction>(row.GetString(2)),
                row.GetFieldValue<DateTimeOffset>(3)
            ),
            ct
        );
        var help = await ctx.ListAsync(
            $"select id, uid, asked_at from odoo.help_request order by asked_at desc limit {Newest}",
            row => new HelpRow(row.GetGuid(0), row.GetInt32(1), row.GetFieldValue<DateTimeOffset>(2)),
            ct
        );
        return new TenantSheet(tenant, usage!, changes!, lost, help, sessions);
    }
}
