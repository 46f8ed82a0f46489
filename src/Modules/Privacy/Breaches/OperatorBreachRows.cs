using Npgsql;
using Tenet.Kernel.Http;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

internal static class OperatorBreachRows
{
    private static Sql Columns =>
        Sql.Constant(
            """
            id, number, state, is_drill, title, what, measures, tables, began_at, ended_at, aware_at, late, changed_at, closed_at
              from privacy.operator_breach
            """
        );

    public static Task<List<OperatorBreach>> ListAsync(SystemContext system, CancellationToken ct) =>
        system.ListAsync($"select {Columns} order by number desc", Read, ct);

    /// <exception cref="NotFoundException">There is no such breach.</exception>
    public static async Task<OperatorBreach> FindAsync(SystemContext system, int number, CancellationToken ct) =>
        await system.FirstOrDefaultAsync($"select {Columns} where number = {number} for update", Read, ct)
        ?? throw new NotFoundException("breach");

    /// <summary>Those of which a workspace has not been told the newest.</summary>
    public static Task<List<OperatorBreach>> PendingAsync(SystemContext system, Guid workspace, CancellationToken ct) =>
        system.ListAsync(
            $"""
            select {Columns} b
             where exists (select from privacy.operator_breach_part p
                            where p.breach_id = b.id and p.concerned = {workspace} and p.told_of is distinct from b.changed_at)
             order by number
            """,
            Read,
            ct
        );

    public static Task<List<OperatorBreachStep>> StepsAsync(SystemContext system, Guid breach, CancellationToken ct) =>
        system.ListAsync(
            $"select id, at, kind, text from privacy.operator_breach_step where breach_id = {breach} order by id",
            row => new OperatorBreachStep
            {
                Id = row.GetGuid(0),
                BreachId = breach,
                At = row.GetFieldValue<DateTimeOffset>(1),
                Kind = row.GetString(2),
                Text = row.GetString(3),
            },
            ct
        );

    /// <summary>Its workspaces, each with its short name now.</summary>
    public static Task<List<(string Slug, OperatorBreachPart Part)>> PartsAsync(SystemContext system, Guid breach, CancellationToken ct) =>
        system.ListAsync(
            $"""
            select w.slug, p.concerned, p.is_named, p.people, p.categories, p.counted_at, p.due_at, p.told_at, p.told_of
              from privacy.operator_breach_part p join kernel.workspace w on w.id = p.concerned
             where p.breach_id = {breach} order by w.slug
            """,
            row =>
                (
                    row.GetString(0),
                    new OperatorBreachPart
                    {
                        BreachId = breach,
                        Concerned = row.GetGuid(1),
                        IsNamed = row.GetBoolean(2),
                        People = row.ValueOrNull<long>(3),
                        Categories = row.IsDBNull(4) ? null : row.GetFieldValue<string[]>(4),
                        CountedAt = row.ValueOrNull<DateTimeOffset>(5),
                        DueAt = row.ValueOrNull<DateTimeOffset>(6),
                        ToldAt = row.ValueOrNull<DateTimeOffset>(7),
                        ToldOf = row.ValueOrNull<DateTimeOffset>(8),
                    }
                ),
            ct
        );

    /// <summary>Whether the operator named this workspace.</summary>
    public static Task<bool> IsNamedAsync(SystemContext system, Guid breach, Guid workspace, CancellationToken ct) =>
        system.ScalarAsync<bool>(
            $"select exists (select from privacy.operator_breach_part where breach_id = {breach} and concerned = {workspace} and is_named)",
            ct
        );

    public static Task StepAsync(SystemContext system, Guid breach, string kind, string text, CancellationToken ct) =>
        system.ExecuteAsync(
            $"""
            insert into privacy.operator_breach_step (id, breach_id, at, kind, text)
            values ({Guid.CreateVersion7(system.Now)}, {breach}, {system.Now}, {kind}, {text})
            """,
            ct
        );

    private static OperatorBreach Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            Number = row.GetInt32(1),
            State = SqlValue.Enum<BreachState>(row.GetString(2)),
            IsDrill = row.GetBoolean(3),
            Title = row.GetString(4),
            What = row.GetString(5),
            Measures = row.TextOrNull(6),
            Tables = row.GetFieldValue<string[]>(7),
            BeganAt = row.ValueOrNull<DateTimeOffset>(8),
            EndedAt = row.ValueOrNull<DateTimeOffset>(9),
            AwareAt = row.GetFieldValue<DateTimeOffset>(10),
            Late = row.TextOrNull(11),
            ChangedAt = row.GetFieldValue<DateTimeOffset>(12),
            ClosedAt = row.ValueOrNull<DateTimeOffset>(13),
        };
}
