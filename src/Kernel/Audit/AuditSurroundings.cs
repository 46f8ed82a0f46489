using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>What stands beside the links and must fit them.</summary>
/// <param name="Head">Null when there is none.</param>
/// <param name="Nodes">The kept hashes of subtrees, by height and index.</param>
/// <param name="Beyond">Links after the end of the trail.</param>
/// <param name="Waiting">How many entries are to be chained.</param>
/// <param name="Statements">Those of them that tell of purges and erasures.</param>
/// <param name="Unchained">Entries that are neither chained nor wait for it.</param>
internal sealed record AuditSurroundings(
    AuditHead? Head,
    IReadOnlyDictionary<(int Height, long Index), byte[]> Nodes,
    long Beyond,
    long Waiting,
    IReadOnlyList<AuditEntry> Statements,
    long Unchained
)
{
    /// <summary>Holds the trail still until the transaction ends; entries wait meanwhile.</summary>
    public static async Task<AuditSurroundings> ReadAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        await ctx.ExecuteAsync($"select pg_advisory_xact_lock({AuditChain.Lock(ctx.WorkspaceId)})", ct);
        var head = await AuditHead.FindAsync(ctx, ct);
        var size = head?.Size ?? 0;
        var beyond = await ctx.ScalarAsync<long>($"select count(*) from audit.link where position > {size}", ct);
        // One statement, one snapshot: entries are written while it is taken.
        var (waiting, unchained) = await ctx.FirstOrDefaultAsync(
            $"""
            select count(*) filter (where d.entry_id is not null), count(*) filter (where d.entry_id is null)
              from audit.entry e
              left join audit.due d on d.workspace_id = e.workspace_id and d.entry_id = e.id
             where not exists (select from audit.link l where l.workspace_id = e.workspace_id and l.entry_id = e.id)
            """,
            row => (row.GetInt64(0), row.GetInt64(1)),
            ct
        );
        var statements = await ctx.ListAsync(
            $"""
            select e.id, e.at, e.actor_kind, e.actor_id, e.action, e.subject_kind, e.subject_id, e.details, e.salt, e.commitment
              from audit.due d
              join audit.entry e on e.workspace_id = d.workspace_id and e.id = d.entry_id
             where e.action = {PurgeStatement.Action} or e.action = {EraseAuditDetails.Action}
            """,
            row => AuditRow.ReadEntry(row, 0),
            ct
        );
        var nodes = await ctx.ListAsync(
            $"select height, index, hash from audit.node where (index + 1) << height <= {size}",
            row => (Key: (row.GetInt32(0), row.GetInt64(1)), Hash: row.GetFieldValue<byte[]>(2)),
            ct
        );
        return new AuditSurroundings(head, nodes.ToDictionary(node => node.Key, node => node.Hash), beyond, waiting, statements, unchained);
    }
}
