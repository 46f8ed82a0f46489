using Npgsql;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;

namespace Tenet.Tests.Privacy;

/// <summary>
/// A made-up person with a row in every table that the subject graph reaches, whatever tables there are, and a text of its own in each of its
/// personal columns. Written by the database's owner with the checks of values taken away: what matters is who a row belongs to.
/// </summary>
internal sealed class PlantedPerson(SubjectGraph graph, Guid workspace)
{
    // What each row holds, by table and column; those that stand for the person know their ids before.
    private readonly Dictionary<string, Dictionary<string, object>> _rows = graph.Persons.ToDictionary(
        table => table.Table,
        _ => new Dictionary<string, object>(StringComparer.Ordinal) { ["id"] = Guid.CreateVersion7() },
        StringComparer.Ordinal
    );

    public List<(string Column, string Mark)> Marks { get; } = [];

    public Guid[] Ids => [.. graph.Persons.Select(table => (Guid)_rows[table.Table]["id"])];

    public async Task PlantAsync(NpgsqlConnection connection)
    {
        // What a row refers to that says nothing of a person need not be there.
        await ExecuteAsync(connection, "set session_replication_role = replica");
        foreach (var table in graph.Tenants.Reverse().OrderBy(table => table.Depth))
        {
            await PlantAsync(connection, table);
        }
        await ExecuteAsync(connection, "reset session_replication_role");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task PlantAsync(NpgsqlConnection connection, SubjectTable table)
    {
        var columns = await ColumnsAsync(connection, table.Table);
        var row = _rows[table.Table] = _rows.GetValueOrDefault(table.Table) ?? new(StringComparer.Ordinal);
        row["workspace_id"] = workspace;
        foreach (var (name, type, isNullable) in columns.Where(column => !row.ContainsKey(column.Name)))
        {
            var map = table.Map.Columns.Single(column => column.Column == name);
            if (Value(table, map, type, isNullable) is { } value)
            {
                row[name] = value;
            }
        }
        var names = row.Keys.ToList();
        await using var insert = new NpgsqlCommand(
            $"insert into {table.Table} ({string.Join(", ", names)}) values ({string.Join(", ", names.Select((_, n) => $"${n + 1}"))})",
            connection
        );
        foreach (var name in names)
        {
            insert.Parameters.Add(
                new NpgsqlParameter { Value = row[name], DataTypeName = columns.Single(column => column.Name == name).Type }
            );
        }
        await insert.ExecuteNonQueryAsync();
    }

    private object? Value(SubjectTable table, ColumnMap column, string type, bool isNullable)
    {
        if (table.Steps.FirstOrDefault(step => step.Column == column.Column) is { } step)
        {
            return step.Parent is null ? _rows[graph.Persons.First().Table]["id"] : _rows[step.Parent][step.ParentColumn];
        }
        if (column.Owns is not null || (type == "uuid" && !isNullable))
        {
            return Guid.CreateVersion7();
        }
        if (column.IsPersonal && type is "text" or "bytea")
        {
            var mark = "q8k" + Secrets.Token(9).ToLowerInvariant().Replace('-', 'x').Replace('_', 'y');
            Marks.Add(($"{table.Table}.{column.Column}", mark));
            return type == "text" ? mark : System.Text.Encoding.UTF8.GetBytes(mark);
        }
        return isNullable && column.Class is DataClass.Operational
            ? null
            : type switch
            {
                "text" => "x",
                "boolean" => true,
                "timestamp with time zone" => DateTime.UtcNow,
                "bigint" => (long)Secrets.Below(int.MaxValue),
                "integer" => Secrets.Below(int.MaxValue),
                "bytea" => Secrets.Bytes(16),
                "text[]" => Array.Empty<string>(),
                "uuid" => null,
                _ => throw new NotSupportedException($"{table.Table}.{column.Column} has the type {type}: say what to plant there."),
            };
    }

    private static async Task<List<(string Name, string Type, bool IsNullable)>> ColumnsAsync(NpgsqlConnection connection, string table)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select attname::text, format_type(atttypid, null), not attnotnull from pg_attribute
             where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped order by attnum
            """,
            connection
        );
        await using var reader = await command.ExecuteReaderAsync();
        var columns = new List<(string, string, bool)>();
        while (await reader.ReadAsync())
        {
            columns.Add((reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        }
        return columns;
    }
}
