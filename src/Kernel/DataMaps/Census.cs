using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.DataMaps;

/// <summary>Compares the map with PostgreSQL's catalogue. Tenet does not start over a column that nobody has classified.</summary>
public sealed class Census(DataMap map, SystemScope scope)
{
    /// <returns>One sentence per difference; empty when map and catalogue agree.</returns>
    public Task<IReadOnlyList<string>> CompareAsync(CancellationToken ct) => CompareAsync(isBehind: false, ct);

    /// <param name="isBehind">The database is one release ahead: what this program does not know there, the next one has classified.</param>
    internal async Task<IReadOnlyList<string>> CompareAsync(bool isBehind, CancellationToken ct)
    {
        var catalogue = await CatalogueAsync(ct);
        if (isBehind)
        {
            var known = map
                .Tables.SelectMany(table =>
                    table.Columns.Select(column => (table.Table, column.Column)).Append((table.Table, "workspace_id"))
                )
                .ToHashSet();
            catalogue = [.. catalogue.Where(known.Contains)];
        }
        return Compare(map, catalogue);
    }

    private Task<List<(string Table, string Column)>> CatalogueAsync(CancellationToken ct) =>
        scope.RunAsync(
            system =>
                system.ListAsync(
                    $"""
                    select n.nspname || '.' || c.relname, a.attname::text
                      from pg_class c
                      join pg_namespace n on n.oid = c.relnamespace
                      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                     where c.relkind in ('r', 'p') and not c.relispartition
                       and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
                    """,
                    row => (Table: row.GetString(0), Column: row.GetString(1)),
                    ct
                ),
            ct
        );

    internal static IReadOnlyList<string> Compare(DataMap map, IReadOnlyList<(string Table, string Column)> catalogue)
    {
        var findings = new List<string>();
        var declared = map.Tables.ToLookup(table => table.Table, StringComparer.Ordinal);
        foreach (var table in catalogue.GroupBy(entry => entry.Table, StringComparer.Ordinal))
        {
            var columns = declared[table.Key].SelectMany(t => t.Columns).Select(c => c.Column).ToHashSet(StringComparer.Ordinal);
            if (columns.Count == 0)
            {
                findings.Add($"The table {table.Key} is not declared by any module.");
                continue;
            }
            findings.AddRange(
                table
                    .Where(entry => !entry.Column.Equals("workspace_id", StringComparison.Ordinal) && !columns.Contains(entry.Column))
                    .Select(entry => $"The column {table.Key}.{entry.Column} has no data class.")
            );
            var existing = table.Select(entry => entry.Column).ToHashSet(StringComparer.Ordinal);
            findings.AddRange(
                columns.Where(column => !existing.Contains(column)).Select(column => $"The column {table.Key}.{column} does not exist.")
            );
        }
        var tables = catalogue.Select(entry => entry.Table).ToHashSet(StringComparer.Ordinal);
        findings.AddRange(
            map.Tables.Where(table => !tables.Contains(table.Table)).Select(table => $"The table {table.Table} does not exist.")
        );
        findings.AddRange(
            map.Tables.Where(table => !map.RetentionRules.ContainsKey(table.Keep))
                .Select(table => $"The table {table.Table} names a retention rule that nobody declares: {table.Keep}.")
        );
        return findings;
    }

    /// <exception cref="InvalidOperationException">Map and catalogue differ.</exception>
    internal async Task DemandAsync(bool isBehind, CancellationToken ct)
    {
        var findings = await CompareAsync(isBehind, ct);
        if (findings.Count > 0)
        {
            throw new InvalidOperationException("The data map and the database differ: " + string.Join(" ", findings));
        }
    }
}
