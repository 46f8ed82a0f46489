using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Audit.Merkle;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>Why the trail cannot be the one that was signed before.</summary>
public enum AuditFault
{
    /// <summary>It has fewer entries than a checkpoint that left the database.</summary>
    Truncated,

    /// <summary>It has other entries than a checkpoint that left the database.</summary>
    Rewritten,

    /// <summary>The newest checkpoint outside is not signed by this installation.</summary>
    ForeignCheckpoint,
}

/// <summary>Where a workspace's trail ends, and what was last said of it outside the database.</summary>
[Record("audit.head", Purpose.Accountability, Keep = "audit.proofs")]
public sealed record AuditHead
{
    [Operational]
    public required long Size { get; init; }

    /// <summary>Of the last link.</summary>
    [Operational]
    public required byte[] Hash { get; init; }

    /// <summary>The roots of the tree's complete subtrees, one after the other, largest first.</summary>
    [Operational]
    public required byte[] Peaks { get; init; }

    /// <summary>Entries up to this position are purged.</summary>
    [Operational]
    public long PurgedThrough { get; init; }

    [Operational]
    public long PublishedSize { get; init; }

    [Operational]
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>The signed note.</summary>
    [Operational]
    public string? PublishedNote { get; init; }

    [Operational]
    public AuditFault? Fault { get; init; }

    [Operational]
    public DateTimeOffset? FaultAt { get; init; }

    internal byte[] Root() => new CompactRange(Size, Peaks).Root();

    internal static AuditHead Begin(Guid workspaceId) =>
        new()
        {
            Size = 0,
            Hash = AuditChain.Origin(workspaceId),
            Peaks = [],
        };

    /// <returns>Null before the first entry is chained.</returns>
    public static Task<AuditHead?> FindAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync(
            $"""
            select size, hash, peaks, purged_through, published_size, published_at, published_note, fault, fault_at from audit.head
            """,
            row => new AuditHead
            {
                Size = row.GetInt64(0),
                Hash = row.GetFieldValue<byte[]>(1),
                Peaks = row.GetFieldValue<byte[]>(2),
                PurgedThrough = row.GetInt64(3),
                PublishedSize = row.GetInt64(4),
                PublishedAt = row.ValueOrNull<DateTimeOffset>(5),
                PublishedNote = row.TextOrNull(6),
                Fault = row.IsDBNull(7) ? null : SqlValue.Enum<AuditFault>(row.GetString(7)),
                FaultAt = row.ValueOrNull<DateTimeOffset>(8),
            },
            ct
        );

    internal static Task RememberAsync(WorkspaceContext ctx, SignedCheckpoint published, CancellationToken ct) =>
        ctx.ExecuteAsync(
            $"""
            update audit.head set published_size = {published.Size}, published_at = {published.At
                ?? ctx.Now}, published_note = {published.Note},
                   fault = null, fault_at = null
             where published_size <= {published.Size}
            """,
            ct
        );

    internal static Task RememberAsync(WorkspaceContext ctx, AuditFault fault, CancellationToken ct)
    {
        var begin = Begin(ctx.WorkspaceId);
        return ctx.ExecuteAsync(
            $"""
            insert into audit.head (size, hash, peaks, fault, fault_at) values (0, {begin.Hash}, {begin.Peaks}, {fault}, {ctx.Now})
            on conflict (workspace_id) do update set fault = excluded.fault, fault_at = coalesce(audit.head.fault_at, excluded.fault_at)
            """,
            ct
        );
    }
}
