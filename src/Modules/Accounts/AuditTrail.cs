using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Reads a workspace's audit log for people, newest first.</summary>
internal static class AuditTrail
{
    public const int PageSize = 50;

    /// <param name="before">The last entry of the page before; null for the newest.</param>
    public static Task<List<AuditLine>> ReadAsync(
        WorkspaceContext ctx,
        string? action,
        AuditActor? actor,
        Guid? before,
        CancellationToken ct
    )
    {
        Sql all = $"true";
        Sql byAction = $"e.action = {action}";
        Sql byKind = $"e.actor_kind = {actor?.Kind}";
        Sql byActor = $"e.actor_id = {actor?.Id}";
        Sql older = $"e.id < {before}";
        return ctx.ListAsync(
            $"""
            select e.id, e.at, e.actor_kind, coalesce(m.name, k.name), e.action, e.subject_kind, e.subject_id, e.details, l.position
              from audit.entry e
              left join audit.link l on l.workspace_id = e.workspace_id and l.entry_id = e.id
              left join accounts.member m on m.workspace_id = e.workspace_id and m.id = e.actor_id
              left join accounts.api_key k on k.workspace_id = e.workspace_id and k.id = e.actor_id
             where {(action is null ? all : byAction)} and {(actor is null ? all : byKind)} and {(actor?.Id is null ? all : byActor)}
               and {(before is null ? all : older)}
             order by e.id desc
             limit {PageSize + 1}
            """,
            row => new AuditLine(
                row.GetGuid(0),
                row.GetFieldValue<DateTimeOffset>(1),
                SqlValue.Enum<ActorKind>(row.GetString(2)),
                row.IsDBNull(3) ? null : row.GetString(3),
                row.GetString(4),
                row.GetString(5),
                row.GetGuid(6),
                row.IsDBNull(7) ? null : row.GetString(7),
                row.IsDBNull(8) ? null : row.GetInt64(8)
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

/// <param name="Id">A member; null for all of the kind.</param>
internal readonly record struct AuditActor(ActorKind Kind, Guid? Id)
{
    public static AuditActor? Parse(string? text) =>
        text?.Split(':') is [var kind, .. var rest] && Enum.TryParse<ActorKind>(kind, ignoreCase: true, out var known)
            ? new AuditActor(known, rest is [var id] && Guid.TryParse(id, out var member) ? member : null)
            : null;
}

/// <param name="Position">The place in the chain; null for the second until the entry is chained.</param>
internal sealed record AuditLine(
    Guid Id,
    DateTimeOffset At,
    ActorKind Actor,
    string? ActorName,
    string Action,
    string SubjectKind,
    Guid SubjectId,
    string? Details,
    long? Position
)
{
    public string Who =>
        Actor switch
        {
            ActorKind.Member => ActorName ?? "A former member",
            ActorKind.System => "Tenet",
            ActorKind.Key => ActorName ?? "A key that was revoked",
            var other => other.ToString(),
        };

    /// <summary>The details as a person reads them: <c>from agent, to admin</c>.</summary>
    public string Said =>
        Details is null
            ? ""
            : string.Join(
                ", ",
                System.Text.Json.JsonDocument.Parse(Details).RootElement is { ValueKind: System.Text.Json.JsonValueKind.Object } fields
                    ? fields.EnumerateObject().Select(detail => $"{detail.Name} {detail.Value.ToString().Replace('_', ' ')}")
                    : [Details]
            );
}
