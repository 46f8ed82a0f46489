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
                By = row.ValueOrNull<Guid>(4),
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
            Measures = row.TextOrNull(7),
            Advice = row.TextOrNull(8),
            Tables = row.GetFieldValue<string[]>(9),
            BeganAt = row.ValueOrNull<DateTimeOffset>(10),
            EndedAt = row.ValueOrNull<DateTimeOffset>(11),
            IncidentId = row.ValueOrNull<Guid>(12),
            AwareAt = row.GetFieldValue<DateTimeOffset>(13),
            AuthorityDueAt = row.GetFieldValue<DateTimeOffset>(14),
            CustomersDueAt = row.GetFieldValue<DateTimeOffset>(15),
            AuthorityToldAt = row.ValueOrNull<DateTimeOffset>(16),
            AuthorityNotTold = row.TextOrNull(17),
            AuthorityLate = row.TextOrNull(18),
            CustomersToldAt = row.ValueOrNull<DateTimeOffset>(19),
            CustomersLate = row.TextOrNull(20),
            PeopleToldAt = row.ValueOrNull<DateTimeOffset>(21),
            People = row.ValueOrNull<long>(22),
            CountedAt = row.ValueOrNull<DateTimeOffset>(23),
            OpenedBy = row.ValueOrNull<Guid>(24),
            ClosedAt = row.ValueOrNull<DateTimeOffset>(25),
            OperatorsId = row.ValueOrNull<Guid>(26),
            OperatorsAwareAt = row.ValueOrNull<DateTimeOffset>(27),
        };
}
