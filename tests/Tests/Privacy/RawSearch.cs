using Npgsql;

namespace Tenet.Tests.Privacy;

/// <summary>Looks for a text in every column of every table, as the database's owner: no code of ours stands between.</summary>
internal static class RawSearch
{
    /// <returns>The tables in which a row contains the text, as letters or as bytes.</returns>
    public static async Task<IReadOnlyList<string>> TablesWithAsync(NpgsqlConnection connection, string text)
    {
        var tables = new List<string>();
        await using (
            var all = new NpgsqlCommand(
                "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'",
                connection
            )
        )
        await using (var reader = await all.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }
        var asked = string.Join(
            " union all ",
            tables.Select(table =>
                $"select '{table}' where exists (select from {table} t where strpos(lower(t::text), $1) > 0 or strpos(t::text, $2) > 0)"
            )
        );
        await using var search = new NpgsqlCommand(asked, connection);
        search.Parameters.Add(new NpgsqlParameter { Value = text.ToLowerInvariant() });
        search.Parameters.Add(new NpgsqlParameter { Value = Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(text)) });
        var found = new List<string>();
        await using var rows = await search.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            found.Add(rows.GetString(0));
        }
        return found;
    }
}
