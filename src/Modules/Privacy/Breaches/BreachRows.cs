using Npgsql;
using Tenet.Kernel.Http;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

internal static class BreachRows
{
    private static Sql Columns =>
        Sql.Constant(
            """
            id, number, state, is_drill, is_operators, title, what, measures, advice, tables, began_at, ended_at, incident_id, aware_at,
            authority_due_at, customers_due_at, authority_told_at, authority_not_told, authority_late, customers_told_at, customers_late,
            people_told_at, people, counted_at, opened_by, closed_at, operators_id, operators_aware_at
            """
        );

    /// <summary>Open ones first, the most urgent on top.</summary>
    public static Task<List<Breach>> ListAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"select {Columns} from privacy.breach order by state = 'closed', case when state = 'closed' then null else authority_due_at end, number desc limit 200",
            Read,
            ct
        );

    /// <exception cref="NotFoundException">There is no such breach.</exception>
    public static async Task<Breach> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync($"select {Columns} from privacy.breach where id = {id} for update", Read, ct)
        ?? throw new NotFoundException("breach");

    /// <summary>The workspace's part of a breach at the operator; null when it was not told yet.</summary>
    public static Task<Breach?> OfOperatorAsync(WorkspaceContext ctx, Guid operators, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync($"select {Columns} from privacy.breach where operators_id = {operators} for update", Read, ct);

    public static Task<List<BreachStep>> StepsAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.ListAsync(
            $"select id, at, kind, text, by from privacy.breach_step where breach_id = {id} order by id",
            row => new BreachStep
            {
                Id = row.GetGuid(0),
                BreachId = id,
                At = row.GetFieldValue<DateTimeOffset>(1),
                Kind = row.GetString(2),
                Text = row.GetString(3),
                By = row.IsDBNull(4) ? null : row.GetGuid(4),
            },
            ct
        );

    /// <summary>Those whose authority's clock runs; null when there is none.</summary>
    public static async Task<int?> CountOpenAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await ctx.ScalarAsync<long>($"select count(*) from privacy.breach where state <> 'closed'", ct) is > 0 and var open
            ? (int)open
            : null;

    private static Breach Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            Number = row.GetInt32(1),
            State = SqlValue.Enum<BreachState>(row.GetString(2)),
            IsDrill = row.GetBoolean(3),
            IsOperators = row.GetBoolean(4),
            Title = row.GetString(5),
            What = row.GetString(6),
            Measures = Text(row, 7),
            Advice = Text(row, 8),
            Tables = row.GetFieldValue<string[]>(9),
            BeganAt = Time(row, 10),
            EndedAt = Time(row, 11),
            IncidentId = row.IsDBNull(12) ? null : row.GetGuid(12),
            AwareAt = row.GetFieldValue<DateTimeOffset>(13),
            AuthorityDueAt = row.GetFieldValue<DateTimeOffset>(14),
            CustomersDueAt = row.GetFieldValue<DateTimeOffset>(15),
            AuthorityToldAt = Time(row, 16),
            AuthorityNotTold = Text(row, 17),
            AuthorityLate = Text(row, 18),
            CustomersToldAt = Time(row, 19),
            CustomersLate = Text(row, 20),
            PeopleToldAt = Time(row, 21),
            People = row.IsDBNull(22) ? null : row.GetInt64(22),
            CountedAt = Time(row, 23),
            OpenedBy = row.IsDBNull(24) ? null : row.GetGuid(24),
            ClosedAt = Time(row, 25),
            OperatorsId = row.IsDBNull(26) ? null : row.GetGuid(26),
            OperatorsAwareAt = Time(row, 27),
        };

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
