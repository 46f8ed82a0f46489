using Npgsql;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>A link with its entry, as the database has them now; the entry is null once it is purged.</summary>
internal sealed record AuditRow(AuditLink Link, AuditEntry? Entry)
{
    /// <summary>All rows up to a position, in the order of the chain.</summary>
    public static IAsyncEnumerable<AuditRow> StreamAsync(WorkspaceContext ctx, long through, CancellationToken ct) =>
        StreamAsync(ctx, 0, through, ct);

    /// <summary>Those after a position.</summary>
    public static IAsyncEnumerable<AuditRow> StreamAsync(WorkspaceContext ctx, long after, long through, CancellationToken ct) =>
        ctx.StreamAsync(
            $"""
            select l.position, l.entry_id, l.leaf, l.previous, l.hash,
                   e.id, e.at, e.actor_kind, e.actor_id, e.action, e.subject_kind, e.subject_id, e.details, e.salt, e.commitment
              from audit.link l
              left join audit.entry e on e.workspace_id = l.workspace_id and e.id = l.entry_id
             where l.position > {after} and l.position <= {through}
             order by l.position
            """,
            Read,
            ct
        );

    private static AuditRow Read(NpgsqlDataReader row) =>
        new(
            new AuditLink
            {
                Position = row.GetInt64(0),
                EntryId = row.ValueOrNull<Guid>(1),
                Leaf = row.GetFieldValue<byte[]>(2),
                Previous = row.GetFieldValue<byte[]>(3),
                Hash = row.GetFieldValue<byte[]>(4),
            },
            row.IsDBNull(5) ? null : ReadEntry(row, 5)
        );

    /// <param name="at">The first column: id, at, actor kind, actor id, action, subject kind, subject id, details, salt, commitment.</param>
    public static AuditEntry ReadEntry(NpgsqlDataReader row, int at) =>
        new()
        {
            Id = row.GetGuid(at),
            At = row.GetFieldValue<DateTimeOffset>(at + 1),
            ActorKind = SqlValue.Enum<ActorKind>(row.GetString(at + 2)),
            ActorId = row.IsDBNull(at + 3) ? null : row.GetGuid(at + 3),
            Action = row.GetString(at + 4),
            SubjectKind = row.GetString(at + 5),
            SubjectId = row.GetGuid(at + 6),
            Details = row.IsDBNull(at + 7) ? null : row.GetString(at + 7),
            Salt = row.IsDBNull(at + 8) ? null : row.GetFieldValue<byte[]>(at + 8),
            Commitment = row.GetFieldValue<byte[]>(at + 9),
        };
}
