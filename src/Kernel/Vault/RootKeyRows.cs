using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <param name="Wrapped">Null once destroyed.</param>
/// <param name="Signing">Of a destroyed key: what verifies the tokens it signed, sealed under a later root key.</param>
internal sealed record RootKeyRow(
    int Version,
    string Master,
    byte[]? Wrapped,
    byte[]? Signing,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DestroyedAt
);

/// <summary>The root keys and the key check as they stand in the database, reached by the administrator's connection only.</summary>
internal static class RootKeyRows
{
    /// <returns>Null when the schema is older than the root keys.</returns>
    public static async Task<List<RootKeyRow>?> ReadAsync(NpgsqlConnection admin, CancellationToken ct)
    {
        if (!await ExistsAsync(admin, "vault.root_key", ct))
        {
            return null;
        }
        await using var read = new NpgsqlCommand(
            "select version, master, wrapped, signing, created_at, destroyed_at from vault.root_key order by version desc, created_at",
            admin
        );
        await using var reader = await read.ExecuteReaderAsync(ct);
        var rows = new List<RootKeyRow>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(
                new RootKeyRow(
                    reader.GetInt32(0),
                    reader.GetString(1),
                    reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2),
                    reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3),
                    reader.GetFieldValue<DateTimeOffset>(4),
                    reader.ValueOrNull<DateTimeOffset>(5)
                )
            );
        }
        return rows;
    }

    public static async Task InsertAsync(
        NpgsqlConnection admin,
        NpgsqlTransaction transaction,
        int version,
        WrappedRoot wrapped,
        CancellationToken ct
    )
    {
        await using var insert = new NpgsqlCommand(
            "insert into vault.root_key (version, master, wrapped) values ($1, $2, $3) on conflict do nothing",
            admin,
            transaction
        )
        {
            Parameters =
            {
                new() { Value = version },
                new() { Value = wrapped.Master },
                new() { Value = wrapped.Bytes },
            },
        };
        await insert.ExecuteNonQueryAsync(ct);
    }

    public static async Task RestoreAsync(NpgsqlConnection admin, NpgsqlTransaction transaction, ArchiveLine line, CancellationToken ct)
    {
        await using var insert = new NpgsqlCommand(
            "insert into vault.root_key (version, master, wrapped, signing, destroyed_at) values ($1, $2, $3, $4, $5)",
            admin,
            transaction
        )
        {
            Parameters =
            {
                new() { Value = line.Root!.Value },
                new() { Value = line.Master! },
                new() { Value = (object?)line.Wrapped ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea },
                new() { Value = (object?)line.Signing ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea },
                new() { Value = (object?)line.Destroyed ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz },
            },
        };
        await insert.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Destroys every version below the newest; one row of each stays and says when.</summary>
    /// <param name="signing">Version → what verifies the tokens it signed; null for tokens that count no more.</param>
    public static async Task<DateTimeOffset?> RetireAsync(
        NpgsqlConnection admin,
        NpgsqlTransaction transaction,
        int newest,
        IReadOnlyDictionary<int, byte[]?> signing,
        CancellationToken ct
    )
    {
        DateTimeOffset? destroyed = null;
        foreach (var (version, bytes) in signing)
        {
            await using var retire = new NpgsqlCommand(
                """
                with extra as (
                  delete from vault.root_key
                   where version = $1 and master <> (select master from vault.root_key where version = $1 order by created_at, master limit 1))
                update vault.root_key
                   set wrapped = null, signing = $2, destroyed_at = coalesce(destroyed_at, clock_timestamp())
                 where version = $1 and version < $3 and master = (select master from vault.root_key where version = $1 order by created_at, master limit 1)
                returning destroyed_at
                """,
                admin,
                transaction
            )
            {
                Parameters =
                {
                    new() { Value = version },
                    new() { Value = (object?)bytes ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea },
                    new() { Value = newest },
                },
            };
            await using var reader = await retire.ExecuteReaderAsync(ct);
            if (await reader.ReadAsync(ct))
            {
                var at = reader.GetFieldValue<DateTimeOffset>(0);
                destroyed = destroyed > at ? destroyed : at;
            }
        }
        return destroyed;
    }

    /// <summary>Takes the newest root key away from master keys that count no more.</summary>
    public static async Task DropMastersAsync(
        NpgsqlConnection admin,
        NpgsqlTransaction transaction,
        int newest,
        string[] masters,
        CancellationToken ct
    )
    {
        await using var drop = new NpgsqlCommand("delete from vault.root_key where version = $1 and master = any($2)", admin, transaction)
        {
            Parameters =
            {
                new() { Value = newest },
                new() { Value = masters },
            },
        };
        await drop.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A lock of this connection; 0 is the rotation's own, another number a root key's version, shared by the nodes that use it.</summary>
    public static async Task<bool> TryLockAsync(NpgsqlConnection admin, int version, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({KeyRingWatch.LockClass}, $1)", admin)
        {
            Parameters = { new() { Value = version } },
        };
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <returns>The value that only this installation's keys open; null in a database that has none yet.</returns>
    public static async Task<byte[]?> KeyCheckAsync(NpgsqlConnection admin, CancellationToken ct)
    {
        if (!await ExistsAsync(admin, "kernel.installation", ct))
        {
            return null;
        }
        await using var transaction = await admin.BeginTransactionAsync(ct);
        if (!await ExistsAsync(admin, "vault.root_key", ct))
        {
            // An owner who is no superuser is held back by its own policies too; the rollback puts them back. Later schemas let it read.
            await using var open = new NpgsqlCommand("alter table kernel.installation no force row level security", admin, transaction);
            await open.ExecuteNonQueryAsync(ct);
        }
        await using var read = new NpgsqlCommand("select key_check from kernel.installation", admin, transaction);
        return await read.ExecuteScalarAsync(ct) as byte[];
    }

    public static async Task WriteKeyCheckAsync(NpgsqlConnection admin, NpgsqlTransaction transaction, byte[] check, CancellationToken ct)
    {
        await using var write = new NpgsqlCommand(
            "insert into kernel.installation (id, key_check) values (1, $1) on conflict (id) do update set key_check = excluded.key_check",
            admin,
            transaction
        )
        {
            Parameters = { new() { Value = check } },
        };
        await write.ExecuteNonQueryAsync(ct);
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection admin, string table, CancellationToken ct)
    {
        await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", admin)
        {
            Parameters = { new() { Value = table } },
        };
        return await exists.ExecuteScalarAsync(ct) is true;
    }
}
