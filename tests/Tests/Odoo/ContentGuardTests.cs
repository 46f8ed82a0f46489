using Npgsql;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>
/// The copilot's tables cannot hold content: each column is an id, a number, a time, a yes or no, a key of bounded length, or a text whose constraint
/// lets through one of a few words, a name without spaces, or the tenant's address. Found in the catalogue, never listed.
/// </summary>
public sealed class ContentGuardTests(TestCluster cluster)
{
    private static readonly string[] Numbers = ["uuid", "int4", "int8", "int2", "bool", "timestamptz", "date"];

    // What people may write into a text: none of these may pass.
    private static readonly string[] Contents =
    [
        "Azure Interior owes 1,173.00 USD",
        "anna@example.test",
        "+49 30 123456",
        "Müller",
        "SELECT 1; --",
        "line\nbreak",
    ];

    [Fact]
    public async Task No_column_of_the_copilot_can_hold_what_somebody_wrote()
    {
        await using var connection = new NpgsqlConnection(cluster.Host.AdminConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        (await FindingsAsync(connection, "odoo")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_column_that_could_is_found()
    {
        await using var connection = new NpgsqlConnection(cluster.Host.AdminConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var change = new NpgsqlCommand(
            """
            create schema careless;
            create table careless.turn (id uuid, question text, answer jsonb, words text[], note text check (length(note) < 50), picture bytea)
            """,
            connection
        );
        await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        (await FindingsAsync(connection, "careless")).ShouldBe(
            [
                "careless.turn.answer is jsonb",
                "careless.turn.note",
                "careless.turn.picture",
                "careless.turn.question",
                "careless.turn.words is _text",
            ],
            ignoreOrder: true
        );
    }

    private static async Task<List<string>> FindingsAsync(NpgsqlConnection connection, string schema)
    {
        var columns = new List<(string Table, string Column, string Type, string? Checks)>();
        await using (
            var command = new NpgsqlCommand(
                """
                select c.relname, a.attname, t.typname,
                       (select string_agg('(' || pg_get_expr(k.conbin, k.conrelid) || ')', ' and ')
                          from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum])
                  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                  join pg_type t on t.oid = a.atttypid
                 where n.nspname = $1 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
                """,
                connection
            )
        )
        {
            command.Parameters.Add(new NpgsqlParameter { Value = schema });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                columns.Add(
                    (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3))
                );
            }
        }
        columns.ShouldNotBeEmpty();
        var findings = new List<string>();
        foreach (var (table, column, type, checks) in columns.Where(column => !Numbers.Contains(column.Type, StringComparer.Ordinal)))
        {
            var name = $"{schema}.{table}.{column}";
            if (type is not ("text" or "bytea"))
            {
                findings.Add($"{name} is {type}");
            }
            else if (
                checks is null
                || (
                    type == "bytea"
                        ? await PassesAsync(connection, column, "bytea", checks, new byte[1024])
                        : await AnyPassesAsync(connection, column, checks)
                )
            )
            {
                findings.Add(name);
            }
        }
        return findings;
    }

    private static async Task<bool> AnyPassesAsync(NpgsqlConnection connection, string column, string checks)
    {
        foreach (var content in Contents.Append(new string('a', 300)))
        {
            if (await PassesAsync(connection, column, "text", checks, content))
            {
                return true;
            }
        }
        return false;
    }

    private static async Task<bool> PassesAsync(NpgsqlConnection connection, string column, string type, string checks, object value)
    {
        await using var command = new NpgsqlCommand($"select {checks} from (select $1::{type} as \"{column}\") probe", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = value });
        return await command.ExecuteScalarAsync() is true;
    }
}
