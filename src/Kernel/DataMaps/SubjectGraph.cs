using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.DataMaps;

/// <summary>A foreign key of one column beside the workspace's: rows of <paramref name="Table"/> belong to rows of <paramref name="Parent"/>.</summary>
public sealed record ForeignKey(string Table, string Column, string Parent, string ParentColumn);

/// <summary>Rows of a table belong to those rows of the parent whose <paramref name="ParentColumn"/> they hold.</summary>
/// <param name="Parent">Null when <paramref name="Column"/> holds the id of a person itself.</param>
public sealed record SubjectStep(string Column, string? Parent, string ParentColumn);

/// <summary>A table that holds rows of persons, and the ways from a person to them.</summary>
public sealed record SubjectTable(TableMap Map, bool IsTenant, IReadOnlyList<SubjectStep> Steps)
{
    public string Table => Map.Table;

    /// <summary>A row is a person: by its identifying columns they are found.</summary>
    public bool IsPerson => Map.Columns.Any(column => column.Identifies);

    /// <summary>The longest way to a person; deeper rows go first.</summary>
    public int Depth { get; init; }

    /// <summary>Why its rows stay when their person is erased: its own ground, or that of what they belong to. Null when they go.</summary>
    public string? Retained { get; init; }

    /// <summary>The columns that say something about the person.</summary>
    public IEnumerable<ColumnMap> Personal => Map.Columns.Where(column => column.IsPersonal);
}

/// <summary>
/// Which rows of which tables belong to a person: from the data map and the catalogue's foreign keys. Finding, preview, export and erasure
/// follow this one graph, so that a table which one of them reaches, all do.
/// </summary>
public sealed class SubjectGraph
{
    private readonly Dictionary<string, SubjectTable> _tables;

    private readonly HashSet<string> _keyed;

    private SubjectGraph(IEnumerable<SubjectTable> tables, IEnumerable<ForeignKey> keys, IReadOnlyList<string> findings)
    {
        _keyed = keys.Select(key => key.Parent).ToHashSet(StringComparer.Ordinal);
        _tables = new(StringComparer.Ordinal);
        foreach (var table in tables.OrderBy(table => table.Depth))
        {
            _tables.Add(table.Table, table with { Retained = table.Map.Retained ?? Inherited(table) });
        }
        Findings = findings;
    }

    // What belongs to nothing but rows that stay, stays with them.
    private string? Inherited(SubjectTable table)
    {
        var parents = table.Steps.Select(step => step.Parent is null ? null : _tables.GetValueOrDefault(step.Parent)).ToList();
        return table.IsPerson || parents.Count == 0 || parents.Any(parent => parent?.Retained is null) ? null : parents[0]!.Retained;
    }

    /// <summary>What is wrong with the map, a sentence each: a personal table that leads to nobody, for instance.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>All tables that hold rows of persons, those that belong to others first.</summary>
    public IReadOnlyList<SubjectTable> Tables =>
        [.. _tables.Values.OrderByDescending(table => table.Depth).ThenBy(table => table.Table, StringComparer.Ordinal)];

    /// <summary>Those of them behind the one door.</summary>
    public IEnumerable<SubjectTable> Tenants => Tables.Where(table => table.IsTenant);

    /// <summary>The tables of which a row is a person, behind the one door.</summary>
    public IEnumerable<SubjectTable> Persons => Tenants.Where(table => table.IsPerson);

    public bool Reaches(string table) => _tables.ContainsKey(table);

    /// <summary>A foreign key leads to the table: whoever holds one of its rows locked keeps others from adding rows below it.</summary>
    public bool IsKeyed(string table) => _keyed.Contains(table);

    /// <summary>The condition that the rows of a table belong to these persons. Each step is one look into an index.</summary>
    public Sql RowsOf(SubjectTable table, Guid[] persons)
    {
        var ways = table.Steps.Select(step => Way(step, persons)).ToList();
        if (table.IsPerson)
        {
            ways.Add($"id = any({persons})");
        }
        return ways.Count > 0
            ? ways.Aggregate((one, other) => Either(one, other))
            : throw new InvalidOperationException($"{table.Table} leads to nobody.");
    }

    private static Sql Either(Sql one, Sql other) => $"({one} or {other})";

    // An array, not a subquery: the index is used whatever the planner thinks of the number of rows.
    private Sql Way(SubjectStep step, Guid[] persons)
    {
        var (column, parentColumn) = (Sql.Constant(step.Column), Sql.Constant(step.ParentColumn));
        if (step.Parent is not { } parent)
        {
            return $"{column} = any({persons})";
        }
        return $"{column} = any(array(select {parentColumn} from {Sql.Constant(parent)} where {RowsOf(_tables[parent], persons)}))";
    }

    /// <param name="map">All tables.</param>
    /// <param name="keys">The catalogue's foreign keys between them.</param>
    /// <param name="tenants">The tables behind the one door.</param>
    public static SubjectGraph Of(DataMap map, IReadOnlyCollection<ForeignKey> keys, IReadOnlySet<string> tenants)
    {
        var tables = map.Tables.ToDictionary(table => table.Table, StringComparer.Ordinal);
        var edges = Edges(map, keys)
            .Where(edge => tables.ContainsKey(edge.Child))
            .Distinct()
            .ToLookup(edge => edge.Step.Parent ?? "", edge => edge, StringComparer.Ordinal);
        var findings = new List<string>();
        var depths = Depths(map, edges, findings);
        var steps = edges
            .SelectMany(edge => edge)
            .Where(edge => edge.Step.Parent is null || depths.ContainsKey(edge.Step.Parent))
            .ToLookup(edge => edge.Child, edge => edge.Step, StringComparer.Ordinal);
        findings.AddRange(map.Tables.SelectMany(table => Faults(table, depths.ContainsKey(table.Table), tables)));
        return new SubjectGraph(
            depths.Select(reached => new SubjectTable(tables[reached.Key], tenants.Contains(reached.Key), [.. steps[reached.Key]])
            {
                Depth = reached.Value,
            }),
            keys,
            findings
        );
    }

    private static IEnumerable<(string Child, SubjectStep Step)> Edges(DataMap map, IEnumerable<ForeignKey> keys)
    {
        var mentions = map
            .Tables.SelectMany(table => table.Columns.Where(column => column.Mentions).Select(column => (table.Table, column.Column)))
            .ToHashSet();
        foreach (
            var key in keys.Where(key =>
                !mentions.Contains((key.Table, key.Column)) && !key.Table.Equals(key.Parent, StringComparison.Ordinal)
            )
        )
        {
            yield return (key.Table, new SubjectStep(key.Column, key.Parent, key.ParentColumn));
        }
        foreach (var (table, column) in map.Tables.SelectMany(table => table.Columns.Select(column => (table, column))))
        {
            if (column.Refers is { } parent)
            {
                yield return (
                    table.Table,
                    new SubjectStep(column.Column, RefersAttribute.AnyPerson.Equals(parent, StringComparison.Ordinal) ? null : parent, "id")
                );
            }
            if (column.Owns is { } child)
            {
                yield return (child, new SubjectStep("id", table.Table, column.Column));
            }
        }
    }

    /// <summary>The longest way from a person to each table that one leads to.</summary>
    private static Dictionary<string, int> Depths(
        DataMap map,
        ILookup<string, (string Child, SubjectStep Step)> edges,
        List<string> findings
    )
    {
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        var roots = map
            .Tables.Where(table => table.Columns.Any(column => column.Identifies))
            .Select(table => table.Table)
            .Concat(edges[""].Select(edge => edge.Child))
            .ToList();
        // A way without a repetition is no longer than there are tables.
        var tables = map.Tables.Count;
        var waiting = new Queue<(string Table, int Depth)>(roots.Select(root => (root, 0)));
        while (waiting.TryDequeue(out var next))
        {
            if (depths.TryGetValue(next.Table, out var known) && known >= next.Depth)
            {
                continue;
            }
            if (next.Depth > tables)
            {
                findings.Add($"The table {next.Table} belongs to itself by way of others: mark one of the columns with [Mentions].");
                return depths;
            }
            depths[next.Table] = next.Depth;
            foreach (var (child, _) in edges[next.Table])
            {
                waiting.Enqueue((child, next.Depth + 1));
            }
        }
        return depths;
    }

    private static IEnumerable<string> Faults(TableMap table, bool isReached, Dictionary<string, TableMap> tables)
    {
        if (
            table.Columns.Any(column => column.Identifies)
            && table.Columns.All(column => !column.Column.Equals("id", StringComparison.Ordinal))
        )
        {
            yield return $"The table {table.Table} identifies persons and has no column id.";
        }
        if (
            !isReached
            && table.NoSubject is null
            && table.Columns.FirstOrDefault(column => column.IsPersonal && !column.Mentions) is { } lost
        )
        {
            yield return $"The column {table.Table}.{lost.Column} is personal and its rows lead to no person: add [Refers], [Owns] on what it belongs to, or [NoSubject].";
        }
        if (isReached && table.NoSubject is not null)
        {
            yield return $"The table {table.Table} says [NoSubject], and its rows lead to a person.";
        }
        foreach (var column in table.Columns)
        {
            foreach (var named in new[] { column.Refers, column.Owns })
            {
                if (named is not null && named is not RefersAttribute.AnyPerson && !tables.ContainsKey(named))
                {
                    yield return $"The column {table.Table}.{column.Column} names a table that nobody declares: {named}.";
                }
            }
        }
    }
}
