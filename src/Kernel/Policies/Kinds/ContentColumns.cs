using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>
/// Columns that could hold what somebody wrote: told by the catalogue. An id, a number, a time and a yes or no cannot; a text or bytes cannot where a
/// constraint refuses what people write, which is tried with samples.
/// </summary>
internal static class ContentColumns
{
    public const string Statement = """
        select c.relname, a.attname, t.typname,
               (select string_agg('(' || pg_get_expr(k.conbin, k.conrelid) || ')', ' and ')
                  from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.convalidated and k.conkey = array[a.attnum])
          from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
          join pg_type t on t.oid = a.atttypid
         where c.relkind in ('r', 'p', 'm', 'f') and a.attnum > 0 and not a.attisdropped and n.nspname =
        """;

    private static readonly string[] Harmless = ["uuid", "int2", "int4", "int8", "bool", "timestamptz", "date"];

    // What is kept beside text: keys and hashes, none of them this long.
    private const int Bytes = 1024;

    private static readonly string[] Samples =
    [
        "Azure Interior owes 1,173.00 USD",
        "anna@example.test",
        "+49 30 123456",
        "Müller",
        "SELECT 1; --",
        "line\nbreak",
        new('a', 300),
    ];

    /// <returns>How many columns were looked at, and those that could hold content.</returns>
    public static async Task<(int Columns, IReadOnlyList<string> Found)> FindAsync(
        WorkspaceContext ctx,
        string schema,
        CancellationToken ct
    )
    {
        var columns = await ctx.ListAsync(
            $"{Sql.Constant(Statement)} {schema}",
            row => (Table: row.GetString(0), Name: row.GetString(1), Type: row.GetString(2), Checks: row.TextOrNull(3)),
            ct
        );
        var found = new List<string>();
        foreach (var column in columns.Where(column => !Harmless.Contains(column.Type, StringComparer.Ordinal)))
        {
            if (
                column.Type is not ("text" or "bytea")
                || column.Checks is null
                || await TakesAsync(ctx, column.Name, column.Type, column.Checks, ct)
            )
            {
                found.Add($"{schema}.{column.Table}.{column.Name} could hold content.");
            }
        }
        return (columns.Count, found);
    }

    private static async Task<bool> TakesAsync(WorkspaceContext ctx, string column, string type, string checks, CancellationToken ct)
    {
        // A constraint's own text, from the catalogue.
        var (holds, name) = (Sql.Constant(checks), Sql.Constant('"' + column.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'));
        if (type == "bytea")
        {
            return await ctx.ScalarAsync<bool>(
                $"select coalesce({holds}, true) from (select {new byte[Bytes]}::bytea as {name}) sample",
                ct
            );
        }
        return await ctx.ScalarAsync<bool>(
            $"select coalesce(bool_or(coalesce({holds}, true)), true) from unnest({Samples}::text[]) sample ({name})",
            ct
        );
    }
}
