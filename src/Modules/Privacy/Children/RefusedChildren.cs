using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Children;

/// <summary>A child who was found and is kept out; who it was, nobody can tell any more.</summary>
/// <param name="Identifiers">How many addresses and ids are refused.</param>
/// <param name="GoneAt">When the erasure was complete; null while it runs.</param>
/// <param name="IsKnown">Whether this database has the erasure: one from before a restore stands in the ledger only.</param>
public sealed record RefusedChild(Guid ErasureId, int Identifiers, DateTimeOffset Since, DateTimeOffset? GoneAt, bool IsKnown);

internal static class RefusedChildren
{
    private const int Most = 500;

    /// <summary>Latest first, at most 500.</summary>
    public static Task<List<RefusedChild>> ListAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select r.erasure_id, r.identifiers, r.since, e.completed_at, e.id is not null
              from (select erasure_id, count(*)::int as identifiers, min(since) as since from kernel.refused_identifier group by erasure_id) r
              left join privacy.erasure e on e.id = r.erasure_id
             order by r.since desc limit {Most}
            """,
            row => new RefusedChild(
                row.GetGuid(0),
                row.GetInt32(1),
                row.GetFieldValue<DateTimeOffset>(2),
                row.ValueOrNull<DateTimeOffset>(3),
                row.GetBoolean(4)
            ),
            ct
        );
}
