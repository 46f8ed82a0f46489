using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.DataMaps;

/// <summary>Takes what is personal out of rows that stay: which columns that are, the data map says.</summary>
public static class PersonalColumns
{
    /// <summary>
    /// The assignments of an update that empties every personal column: null where the column may be null, else the empty value of its type. An
    /// id that has to be there becomes the one of nobody (all zeros).
    /// </summary>
    /// <exception cref="InvalidOperationException">A column has neither.</exception>
    public static async Task<Sql> EmptiedAsync(WorkspaceContext ctx, TableMap table, CancellationToken ct)
    {
        var columns = await ctx.ListAsync(
            $"""
            select attname::text, attnotnull, format_type(atttypid, null) from pg_attribute
             where attrelid = {table.Table}::regclass and attnum > 0 and not attisdropped
            """,
            row => (Name: row.GetString(0), Needed: row.GetBoolean(1), Type: row.GetString(2)),
            ct
        );
        var personal = table.Columns.Where(column => column.IsPersonal).Select(column => column.Column).ToHashSet(StringComparer.Ordinal);
        return Sql.Constant(
            string.Join(
                ", ",
                columns
                    .Where(column => personal.Contains(column.Name))
                    .Select(column => $"{column.Name} = {(column.Needed ? Empty(table.Table, column.Name, column.Type) : "null")}")
            )
        );
    }

    private static string Empty(string table, string column, string type) =>
        type switch
        {
            "text" => "''",
            "uuid" => "'00000000-0000-0000-0000-000000000000'",
            "bytea" => "''",
            "jsonb" => "'{}'",
            _ when type.EndsWith("[]", StringComparison.Ordinal) => "'{}'",
            _ => throw new InvalidOperationException($"{table}.{column} has to be there and has no empty value: it cannot be anonymised."),
        };
}
