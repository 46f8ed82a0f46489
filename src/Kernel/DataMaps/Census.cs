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
        var subjects = _subjects = await ReadSubjectsAsync(ct);
        return [.. Compare(map, catalogue), .. subjects.Findings, .. isBehind ? [] : await UnindexedAsync(subjects, ct)];
    }

    private SubjectGraph? _subjects;

    /// <summary>Which rows belong to which person, read once: the schema does not change under a running host but by a whole release.</summary>
    public async Task<SubjectGraph> SubjectsAsync(CancellationToken ct) => _subjects ??= await ReadSubjectsAsync(ct);

    private Task<SubjectGraph> ReadSubjectsAsync(CancellationToken ct) =>
        scope.RunAsync(
            async system =>
                SubjectGraph.Of(
                    map,
                    await system.ListAsync(
                        $"""
                        select cn.nspname || '.' || c.relname, ca.attname::text, pn.nspname || '.' || p.relname, pa.attname::text
                          from pg_constraint k
                          join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
                          join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
                          cross join lateral (
                            select k.conkey[i] as child, k.confkey[i] as parent, count(*) over () as columns
                              from generate_subscripts(k.conkey, 1) i
                              join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[i] and a.attname <> 'workspace_id') pair
                          join pg_attribute ca on ca.attrelid = c.oid and ca.attnum = pair.child
                          join pg_attribute pa on pa.attrelid = p.oid and pa.attnum = pair.parent
                         where k.contype = 'f' and k.conparentid = 0 and pair.columns = 1
                        """,
                        row => new ForeignKey(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3)),
                        ct
                    ),
                    (
                        await system.ListAsync(
                            $"""
                            select n.nspname || '.' || c.relname
                              from pg_class c
                              join pg_namespace n on n.oid = c.relnamespace
                              join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
                             where has_table_privilege('tenet_app', c.oid, 'select')
                            """,
                            row => row.GetString(0),
                            ct
                        )
                    ).ToHashSet(StringComparer.Ordinal)
                ),
            ct
        );

    /// <summary>The ways from a person to rows that no index goes: found at start, not when somebody with a million rows asks.</summary>
    private async Task<IEnumerable<string>> UnindexedAsync(SubjectGraph subjects, CancellationToken ct)
    {
        var indexed = await scope.RunAsync(
            system =>
                system.ListAsync(
                    $"""
                    select n.nspname || '.' || c.relname, a.attname::text
                      from pg_index i
                      join pg_class c on c.oid = i.indrelid
                      join pg_namespace n on n.oid = c.relnamespace
                      join pg_attribute w on w.attrelid = c.oid and w.attnum = i.indkey[0] and w.attname = 'workspace_id'
                      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[1]
                     where i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)
                    """,
                    row => (Table: row.GetString(0), Column: row.GetString(1)),
                    ct
                ),
            ct
        );
        return subjects
            .Tenants.SelectMany(table => table.Steps.Select(step => (table.Table, step.Column)))
            .Except(indexed)
            .Select(way => $"No index of {way.Table} begins with workspace_id and {way.Column}, by which a person's rows are found.");
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
