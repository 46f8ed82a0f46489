using Npgsql;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Closings;

internal static class ClosingRows
{
    private static Sql Columns =>
        Sql.Constant(
            "id, state, reference, policy, requested_by, closed_at, purge_at, begun_at, recorded_at, keys_destroyed_at, completed_at, certificate, audit_proof"
        );

    public static Task<Closing?> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync($"select {Columns} from privacy.closing where id = {id}", Read, ct);

    /// <summary>The one under way; null when the workspace is open.</summary>
    public static Task<Closing?> CurrentAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync($"select {Columns} from privacy.closing where state in ('waiting', 'purging') for update", Read, ct);

    public static Task<List<ClosingPart>> PartsAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.ListAsync(
            $"select part, begins_at, gone_by, purged_at from privacy.closing_part where closing_id = {id} order by begins_at, part",
            row => new ClosingPart
            {
                ClosingId = id,
                Part = row.GetString(0),
                BeginsAt = row.GetFieldValue<DateTimeOffset>(1),
                GoneBy = row.GetFieldValue<DateTimeOffset>(2),
                PurgedAt = row.ValueOrNull<DateTimeOffset>(3),
            },
            ct
        );

    public static Task<List<ClosingOutcome>> OutcomesAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select store, method, rows_found, rows_remaining, query_hash, verified_at
              from privacy.closing_outcome where closing_id = {id} order by store
            """,
            row => new ClosingOutcome
            {
                ClosingId = id,
                Store = row.GetString(0),
                Method = row.GetString(1),
                RowsFound = row.GetInt64(2),
                RowsRemaining = row.ValueOrNull<long>(3),
                QueryHash = row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4),
                VerifiedAt = row.ValueOrNull<DateTimeOffset>(5),
            },
            ct
        );

    private static Closing Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            State = SqlValue.Enum<ClosingState>(row.GetString(1)),
            Reference = row.GetFieldValue<byte[]>(2),
            Policy = row.TextOrNull(3),
            RequestedBy = row.ValueOrNull<Guid>(4),
            ClosedAt = row.GetFieldValue<DateTimeOffset>(5),
            PurgeAt = row.GetFieldValue<DateTimeOffset>(6),
            BegunAt = row.ValueOrNull<DateTimeOffset>(7),
            RecordedAt = row.ValueOrNull<DateTimeOffset>(8),
            KeysDestroyedAt = row.ValueOrNull<DateTimeOffset>(9),
            CompletedAt = row.ValueOrNull<DateTimeOffset>(10),
            Certificate = row.TextOrNull(11),
            AuditProof = row.TextOrNull(12),
        };
}
