using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>How many rows of a day there were that went by age.</summary>
[Record("kernel.kept_count", Purpose.Accountability, Keep = "kernel.workspaces")]
public sealed record KeptCount
{
    [Operational]
    public required string Rule { get; init; }

    /// <summary>On which the rows came, in UTC.</summary>
    [Operational]
    public required DateOnly Day { get; init; }

    /// <summary>What was counted, such as <c>inbox.message</c>.</summary>
    [Operational]
    public required string Measure { get; init; }

    [Operational]
    public required long Rows { get; init; }

    /// <summary>Adds the rows that are about to go, in the transaction that deletes them.</summary>
    /// <param name="at">The column that says when a row came.</param>
    public static Task AddAsync(WorkspaceContext ctx, string rule, string table, string at, Sql which, CancellationToken ct) =>
        ctx.ExecuteAsync(
            $"""
            insert into kernel.kept_count as k (rule, day, measure, rows)
            select {rule}, ({Sql.Constant(at)} at time zone 'utc')::date, {table}, count(*)
              from {Sql.Constant(table)} where {which} group by 2
            on conflict (workspace_id, rule, day, measure) do update set rows = k.rows + excluded.rows
            """,
            ct
        );

    /// <summary>All of them by months, the newest first.</summary>
    public static Task<List<KeptCount>> ByMonthAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select rule, date_trunc('month', day)::date, measure, sum(rows)::bigint from kernel.kept_count
             group by 1, 2, 3 order by 2 desc, 1, 3 limit 100
            """,
            row => new KeptCount
            {
                Rule = row.GetString(0),
                Day = row.GetFieldValue<DateOnly>(1),
                Measure = row.GetString(2),
                Rows = row.GetInt64(3),
            },
            ct
        );
}
