using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>What went by age on one day, by a retention rule.</summary>
[Record("kernel.swept_rows", Purpose.Accountability, Keep = "kernel.workspaces")]
public sealed record SweptRows
{
    [Operational]
    public required string Rule { get; init; }

    [Operational]
    public required DateOnly Day { get; init; }

    [Operational]
    public required long Rows { get; init; }

    /// <summary>How long they were kept, as the policy says it.</summary>
    [Operational]
    public required string Keep { get; init; }

    [Operational]
    public required RetentionMethod Method { get; init; }

    [Operational]
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>In the transaction that deleted them: the numbers are right however often a sweep is killed.</summary>
    public static Task AddAsync(WorkspaceContext ctx, string rule, Period keep, long rows, CancellationToken ct) =>
        AddAsync(ctx, rule, keep, RetentionMethod.Delete, rows, ct);

    public static Task AddAsync(WorkspaceContext ctx, string rule, Period keep, RetentionMethod method, long rows, CancellationToken ct) =>
        rows == 0
            ? Task.CompletedTask
            : ctx.ExecuteAsync(
                $"""
                insert into kernel.swept_rows as s (rule, day, rows, keep, method, last_at)
                values ({rule}, {DateOnly.FromDateTime(ctx.Now.UtcDateTime)}, {rows}, {keep.ToString()}, {method}, {ctx.Now})
                on conflict (workspace_id, rule, day) do update set rows = s.rows + excluded.rows, keep = excluded.keep,
                  method = excluded.method, last_at = excluded.last_at
                """,
                ct
            );

    /// <summary>The newest days first.</summary>
    public static Task<List<SweptRows>> SinceAsync(WorkspaceContext ctx, DateOnly day, CancellationToken ct) =>
        ctx.ListAsync(
            $"select rule, day, rows, keep, method, last_at from kernel.swept_rows where day >= {day} order by day desc, rule",
            row => new SweptRows
            {
                Rule = row.GetString(0),
                Day = row.GetFieldValue<DateOnly>(1),
                Rows = row.GetInt64(2),
                Keep = row.GetString(3),
                Method = SqlValue.Enum<RetentionMethod>(row.GetString(4)),
                LastAt = row.GetFieldValue<DateTimeOffset>(5),
            },
            ct
        );
}
