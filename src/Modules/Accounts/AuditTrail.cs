using Tenet.Kernel.Audit;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Reads a workspace's audit log for people, newest first.</summary>
internal static class AuditTrail
{
    public const int PageSize = 50;

    /// <param name="before">The last entry of the page before; null for the newest.</param>
    /// <returns>A page, and one more when there are older ones.</returns>
    public static Task<List<AuditLine>> ReadAsync(WorkspaceContext ctx, AuditFilter filter, Guid? before, CancellationToken ct)
    {
        Sql all = $"true";
        Sql older = $"e.id < {before}";
        return ctx.ListAsync(
            $"""
            select e.id, e.at, e.actor_kind, e.actor_id, coalesce(m.name, k.name), e.action, e.subject_kind, e.subject_id, e.details,
                   e.salt is null, l.position
              from audit.entry e
              left join audit.link l on l.workspace_id = e.workspace_id and l.entry_id = e.id
              left join accounts.member m on m.workspace_id = e.workspace_id and m.id = e.actor_id
              left join accounts.api_key k on k.workspace_id = e.workspace_id and k.id = e.actor_id
             where {filter.Condition} and {(before is null ? all : older)}
             order by e.id desc
             limit {PageSize + 1}
            """,
            row => new AuditLine(
                row.GetGuid(0),
                row.GetFieldValue<DateTimeOffset>(1),
                SqlValue.Enum<ActorKind>(row.GetString(2)),
                row.ValueOrNull<Guid>(3),
                row.TextOrNull(4),
                row.GetString(5),
                row.GetString(6),
                row.GetGuid(7),
                row.TextOrNull(8),
                row.GetBoolean(9),
                row.ValueOrNull<long>(10)
            ),
            ct
        );
    }

    /// <summary>What a member did about signing in, newest first: sessions and second factors.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static Task<List<AuditLine>> SignInsOfAsync(WorkspaceContext ctx, Guid memberId, Guid? before, CancellationToken ct)
    {
        Sql all = $"true";
        Sql older = $"e.id < {before}";
        return ctx.ListAsync(
            $"""
            select e.id, e.at, e.action, e.subject_kind, e.subject_id, e.details
              from audit.entry e
             where e.actor_kind = 'member' and e.actor_id = {memberId}
               and e.action in ('session.started', 'session.ended', 'session.confirmed', 'session.refused',
                                'factor.added', 'factor.removed', 'factor.codes_replaced')
               and {(before is null ? all : older)}
             order by e.id desc
             limit {PageSize + 1}
            """,
            row => new AuditLine(
                row.GetGuid(0),
                row.GetFieldValue<DateTimeOffset>(1),
                ActorKind.Member,
                memberId,
                null,
                row.GetString(2),
                row.GetString(3),
                row.GetGuid(4),
                row.TextOrNull(5),
                false,
                null
            ),
            ct
        );
    }

    /// <summary>The kinds of action that occur. Steps from one to the next by the index instead of reading the whole log.</summary>
    public static Task<List<string>> ActionsAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            with recursive step as (
              (select action from audit.entry order by action limit 1)
              union all
              select (select e.action from audit.entry e where e.action > step.action order by e.action limit 1)
                from step where step.action is not null)
            select action from step where action is not null
            """,
            row => row.GetString(0),
            ct
        );
}
