using Npgsql;
using Tenet.Kernel.Policies.Kinds;

namespace Tenet.Tests.Guards;

/// <summary>What must hold of every table, index, key, grant and role, read from PostgreSQL's catalogue.</summary>
internal static class SchemaGuard
{
    /// <returns>One sentence per violation.</returns>
    public static async Task<IReadOnlyList<string>> FindingsAsync(NpgsqlConnection connection)
    {
        var findings = new List<string>();
        foreach (var statement in IsolationRules.Statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                findings.Add(reader.GetString(0));
            }
        }
        return findings;
    }
}
