using Npgsql;

namespace Tenet.Kernel.Workspaces;

/// <summary>One connection in one transaction. What a caller may reach with it is decided by the scope that opened it.</summary>
public abstract class DataContext : IAsyncDisposable
{
    private protected DataContext(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        Connection = connection;
        Transaction = transaction;
    }

    private protected NpgsqlConnection Connection { get; }
    private protected NpgsqlTransaction Transaction { get; }

    /// <returns>The number of rows changed.</returns>
    public async Task<int> ExecuteAsync(Sql sql, CancellationToken ct)
    {
        await using var command = sql.ToCommand(Connection, Transaction);
        return await command.ExecuteNonQueryAsync(ct);
    }

    public async Task<List<T>> ListAsync<T>(Sql sql, Func<NpgsqlDataReader, T> map, CancellationToken ct)
    {
        await using var command = sql.ToCommand(Connection, Transaction);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(map(reader));
        }
        return rows;
    }

    /// <summary>Streams rows; the connection is busy until the enumeration ends.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        Sql sql,
        Func<NpgsqlDataReader, T> map,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct
    )
    {
        await using var command = sql.ToCommand(Connection, Transaction);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            yield return map(reader);
        }
    }

    public async Task<T?> FirstOrDefaultAsync<T>(Sql sql, Func<NpgsqlDataReader, T> map, CancellationToken ct)
    {
        await using var command = sql.ToCommand(Connection, Transaction);
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SingleRow, ct);
        return await reader.ReadAsync(ct) ? map(reader) : default;
    }

    /// <summary>The first column of the first row; default when there is no row or it is null.</summary>
    public async Task<T?> ScalarAsync<T>(Sql sql, CancellationToken ct)
    {
        await using var command = sql.ToCommand(Connection, Transaction);
        return await command.ExecuteScalarAsync(ct) switch
        {
            T value => value,
            // Npgsql's own type for a time with its zone, always in UTC.
            DateTime time when new DateTimeOffset(time) is T value => value,
            null or DBNull => default,
            { } other => throw new InvalidCastException($"The statement gives {other.GetType().Name}, not {typeof(T).Name}."),
        };
    }

    /// <summary>Several statements in one round trip; <paramref name="read"/> sees their result sets in order.</summary>
    public async Task<T> BatchAsync<T>(IEnumerable<Sql> statements, Func<BatchReader, Task<T>> read, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(Connection, Transaction);
        foreach (var sql in statements)
        {
            batch.BatchCommands.Add(sql.ToBatchCommand());
        }
        await using var reader = await batch.ExecuteReaderAsync(ct);
        return await read(new BatchReader(reader));
    }

    /// <summary>
    /// Bulk in by COPY: <c>copy t (a, b) from stdin (format binary)</c>. PostgreSQL refuses COPY into a table under row-level security:
    /// copy into a temporary table and insert from there, or pass arrays to <c>unnest</c>, which is as fast up to some thousand rows.
    /// </summary>
    /// <returns>The number of rows written.</returns>
    public async Task<ulong> CopyAsync(string copySql, Func<NpgsqlBinaryImporter, Task> write, CancellationToken ct)
    {
        await using var importer = await Connection.BeginBinaryImportAsync(copySql, ct);
        await write(importer);
        return await importer.CompleteAsync(ct);
    }

    /// <summary>Bulk out by COPY, as PostgreSQL's binary format: <c>copy (select …) to stdout (format binary)</c>, under row-level security.</summary>
    /// <param name="copySql">A constant of the program.</param>
    public async Task<Stream> CopyOutAsync(string copySql, CancellationToken ct) => await Connection.BeginRawBinaryCopyAsync(copySql, ct);

    private bool _disposed;

    /// <summary>May be called again: Npgsql hands a connection's transaction object to the next user, who must not lose theirs.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        await Transaction.DisposeAsync();
        await Connection.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
