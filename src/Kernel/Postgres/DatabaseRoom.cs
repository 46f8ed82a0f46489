using Npgsql;

namespace Tenet.Kernel.Postgres;

/// <summary>Remembers that the database's disk was full, and finds out when it no longer is. What is in order is not asked.</summary>
internal sealed class DatabaseRoom(Func<CancellationToken, Task<NpgsqlConnection>> open)
{
    // Some megabytes, gone with the transaction: small rows may still find a place in a table when the disk is full.
    private const string Try =
        "create temporary table tenet_room on commit drop as select gen_random_uuid() from generate_series(1, 60000)";

    private volatile bool _wasFull;

    /// <returns>Always false, to stand in the filter of an exception that goes on its way.</returns>
    public bool Note(Exception e)
    {
        _wasFull |= IsFull(e);
        return false;
    }

    public async Task<bool> IsFullAsync(CancellationToken ct)
    {
        if (!_wasFull)
        {
            return false;
        }
        await using var connection = await open(ct);
        return _wasFull = await IsFullAsync(connection, ct);
    }

    /// <summary>Tries to write on a connection.</summary>
    public static async Task<bool> IsFullAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await using var command = new NpgsqlCommand(Try, connection, transaction);
            await command.ExecuteNonQueryAsync(ct);
            return false;
        }
        catch (PostgresException e)
        {
            // That it takes no changes for another reason is said elsewhere.
            return IsFull(e);
        }
    }

    /// <summary>Whatever it is wrapped in.</summary>
    public static bool IsFull(Exception? e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.DiskFull } || (e is not null && IsFull(e.InnerException));
}
