using Tenet.Odoo.Turns;
using Tenet.Odoo.Writes;

namespace Tenet.Tests.Crash;

internal static class CopilotRows
{
    /// <summary>A connected Odoo, unless the workspace $1 has one, and in it a session of the id $2.</summary>
    public const string Chat = """
        tenant as (
          insert into odoo.tenant (workspace_id, id, url, database, public_key, tenet_kid, tenet_key, odoo_version, addon_version, state, connected_at)
          values ($1, $2, 'https://odoo.example.com', 'acme', '\x00', $2, '\x00', '18.0', '18.0.1', 'connected', now()) on conflict do nothing),
        chat as (
          insert into odoo.session (workspace_id, id, tenant_id, uid, title, opened_at, last_at)
          select $1, $2, coalesce((select id from odoo.tenant where workspace_id = $1 and disconnected_at is null), $2), 7, 'conversation', now(), now()
          returning tenant_id)
        """;
}

/// <summary>Changes in an Odoo that were approved, and whose host was killed before Odoo's answer came.</summary>
internal sealed class LostWrites() : JobScenario(EndLostWrite.Kind)
{
    private readonly List<Guid> _approvals = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var approval = Guid.CreateVersion7();
        await rig.Setup.AsOwnerAsync<object>(
            $"""
            with {CopilotRows.Chat},
            turn as (
              insert into odoo.turn (workspace_id, id, session_id, uid, state, started_at, completed_at) values ($1, $2, $2, 7, 'waiting', now(), now()))
            insert into odoo.approval (workspace_id, id, tenant_id, turn_id, uid, action, hash, state, proposed_at, expires_at, decided_at)
            select $1, $2, tenant_id, $2, 7, 'update_record', decode(repeat('00', 32), 'hex'), 'executing', now(), now(), now() from chat
            """,
            rig.Workspace.Id,
            approval
        );
        await rig.EnqueueAsync(Kind, approval);
        _approvals.Add(approval);
    }

    public override Task CompareAsync(CrashRig rig, Differences found) =>
        found.ExpectAsync(
            "changes that are said to be unknown, once",
            $"{_approvals.Count} {_approvals.Count}",
            rig.Setup.AsOwnerAsync<string>(
                """
                select concat_ws(' ', (select count(*) from odoo.approval where id = any($1) and state = 'unknown' and fault = 'lost'),
                  (select count(*) from audit.entry where subject_id = any($1) and action = 'odoo.acted'))
                """,
                _approvals.ToArray()
            )
        );
}

/// <summary>Questions to the copilot whose host was killed before they were answered.</summary>
internal sealed class LostCopilotTurns() : JobScenario(EndLostTurns.Kind)
{
    private readonly List<Guid> _turns = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var turn = Guid.CreateVersion7();
        await rig.Setup.AsOwnerAsync<object>(
            $"""
            with {CopilotRows.Chat}
            insert into odoo.turn (workspace_id, id, session_id, uid, state, started_at) values ($1, $2, $2, 7, 'running', now() - interval '2 hours')
            """,
            rig.Workspace.Id,
            turn
        );
        await rig.EnqueueAsync(Kind, rig.Workspace.Id);
        _turns.Add(turn);
    }

    public override Task CompareAsync(CrashRig rig, Differences found) =>
        found.ExpectAsync(
            "turns that ended as lost",
            (long)_turns.Count,
            rig.Setup.AsOwnerAsync<long>(
                "select count(*) from odoo.turn where id = any($1) and state = 'failed' and fault = 'lost' and completed_at is not null",
                _turns.ToArray()
            )
        );
}
