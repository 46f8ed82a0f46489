using Npgsql;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Erasures;

internal static class ErasureRows
{
    public static Erasure Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            Persons = row.IsDBNull(1) ? null : row.GetFieldValue<Guid[]>(1),
            Reference = row.GetFieldValue<byte[]>(2),
            Ground = SqlValue.Enum<ErasureGround>(row.GetString(3)),
            State = SqlValue.Enum<ErasureState>(row.GetString(4)),
            RequestedBy = row.ValueOrNull<Guid>(5),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(6),
            RecordedAt = row.ValueOrNull<DateTimeOffset>(7),
            DestroyedAt = row.ValueOrNull<DateTimeOffset>(8),
            CompletedAt = row.ValueOrNull<DateTimeOffset>(9),
            Certificate = row.TextOrNull(10),
            DueAt = row.ValueOrNull<DateTimeOffset>(11),
        };

    public static Task<List<ErasureOutcome>> OutcomesAsync(WorkspaceContext ctx, Guid erasure, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select store, outcome, method, rows_found, rows_remaining, ground, query_hash, verified_at
              from privacy.erasure_outcome where erasure_id = {erasure} order by store
            """,
            row => new ErasureOutcome
            {
                ErasureId = erasure,
                Store = row.GetString(0),
                Outcome = SqlValue.Enum<Outcome>(row.GetString(1)),
                Method = row.GetString(2),
                RowsFound = row.GetInt64(3),
                RowsRemaining = row.ValueOrNull<long>(4),
                Ground = row.TextOrNull(5),
                QueryHash = row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6),
                VerifiedAt = row.ValueOrNull<DateTimeOffset>(7),
            },
            ct
        );
}
