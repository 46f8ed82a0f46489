using Npgsql;

namespace Tenet.Kernel.Workspaces;

/// <summary>Reads the result sets of a batch one after the other. Statements without rows have no result set.</summary>
public sealed class BatchReader(NpgsqlDataReader reader)
{
    /// <summary>All rows of the current result set; moves on to the next one.</summary>
    public async Task<List<T>> ListAsync<T>(Func<NpgsqlDataReader, T> map, CancellationToken ct)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(map(reader));
        }
        await reader.NextResultAsync(ct);
        return rows;
    }

    /// <summary>The first row of the current result set, if there is one; moves on to the next one.</summary>
    public async Task<T?> FirstOrDefaultAsync<T>(Func<NpgsqlDataReader, T> map, CancellationToken ct)
    {
        var row = await reader.ReadAsync(ct) ? map(reader) : default;
        await reader.NextResultAsync(ct);
        return row;
    }

    internal async Task SkipAsync(CancellationToken ct) => await reader.NextResultAsync(ct);
}
