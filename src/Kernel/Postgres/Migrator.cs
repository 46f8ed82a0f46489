using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Vault;

namespace Tenet.Kernel.Postgres;

/// <summary>
/// Brings a database to the schema of this program, one transaction per file, and refuses one it does not know. The schema of the next
/// release is the exception: it is made so that hosts of this one can work on it, while they are replaced one by one.
/// </summary>
public sealed partial class Migrator(Databases databases, KeyRing keys, ILogger<Migrator> logger)
{
    private const long Lock = 0x54454E4554; // "TENET": one node migrates, the others wait.

    internal string Folder { get; init; } = Path.Combine(AppContext.BaseDirectory, "schema");

    /// <summary>The database is one release ahead: it has tables and columns of which this program knows nothing.</summary>
    internal bool IsBehind { get; private set; }

    /// <returns>The number of files applied now.</returns>
    /// <exception cref="InvalidOperationException">
    /// The database is half-migrated, was changed by hand, belongs to a newer Tenet or was sealed with another master key. Nothing was changed.
    /// </exception>
    public async Task<int> MigrateAsync(CancellationToken ct)
    {
        var files = SchemaFiles.Read(Folder);
        await using var connection = new NpgsqlConnection(databases.AdminConnectionString);
        await connection.OpenAsync(ct);
        await RunAsync(connection, $"select pg_advisory_lock({Lock})", ct);
        try
        {
            await RunAsync(
                connection,
                """
                create table if not exists public.tenet_schema (
                  number int primary key, name text not null, checksum text not null,
                  started_at timestamptz not null default now(), applied_at timestamptz);
                alter table public.tenet_schema add column if not exists release int not null default 1;
                """,
                ct
            );
            var applied = await AppliedAsync(connection, ct);
            Check(files, applied);
            IsBehind = applied.Count > files.Count;
            // Before the roles, whose passwords follow from the key: a node with another key would lock the right ones out.
            await keys.OpenAsync(connection, ct);
            await PrepareRolesAsync(connection, ct);
            foreach (var file in files.Skip(applied.Count))
            {
                await ApplyAsync(connection, file, ct);
                LogApplied(file.Name);
            }
            return Math.Max(0, files.Count - applied.Count);
        }
        finally
        {
            // A broken connection has let go of the lock already; saying so would hide why it broke.
            if (connection.State == ConnectionState.Open)
            {
                await RunAsync(connection, $"select pg_advisory_unlock({Lock})", CancellationToken.None);
            }
        }
    }

    internal static void Check(IReadOnlyList<SchemaFile> files, IReadOnlyList<AppliedFile> applied)
    {
        foreach (var (row, index) in applied.Select((row, index) => (row, index)))
        {
            if (index >= files.Count && row.Release != files[^1].Release + 1)
            {
                throw new InvalidOperationException(
                    $"The database has schema {row.Name}, which this version of Tenet does not know. Run the version that made it, or a newer one."
                );
            }
            if (!row.Complete)
            {
                throw new InvalidOperationException(
                    $"The schema {row.Name} was begun and not finished. Restore the backup taken before the upgrade."
                );
            }
            if (index >= files.Count)
            {
                continue;
            }
            if (row.Number != files[index].Number || !row.Checksum.Equals(files[index].Checksum, StringComparison.Ordinal))
            {
                throw new InvalidOperationException(
                    $"The schema {row.Name} in the database differs from the file of this version. Neither may be edited after it was applied."
                );
            }
        }
    }

    private async Task PrepareRolesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        foreach (var role in new[] { Databases.AppRole, Databases.SystemRole })
        {
            await RunAsync(connection, PrepareRole(role, databases.PasswordOf(role)), ct);
        }
        await using var app = new NpgsqlConnection(
            databases.App.ConnectionString + ";Pooling=false;Password=" + databases.PasswordOf(Databases.AppRole)
        );
        try
        {
            await app.OpenAsync(ct);
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            // Another installation on the same server, or a new master key: the roles follow this one.
            foreach (var role in new[] { Databases.AppRole, Databases.SystemRole })
            {
                await RunAsync(connection, $"alter role {role} password '{databases.PasswordOf(role)}'", ct);
            }
        }
    }

    internal static string PrepareRole(string role, string password) =>
        $"""
            do $$ begin
              if not exists (select from pg_roles where rolname = '{role}') then
                create role {role} login nosuperuser nobypassrls nocreatedb nocreaterole noinherit password '{password}';
              elsif exists (select from pg_roles where rolname = '{role}' and (rolsuper or rolbypassrls)) then
                raise exception 'The role {role} may not be superuser or bypass row-level security.';
              end if;
            end $$
            """;

    internal static async Task<List<AppliedFile>> AppliedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var rows = new List<AppliedFile>();
        await using var command = new NpgsqlCommand(
            "select number, name, checksum, applied_at is not null, release from public.tenet_schema order by number",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(
                new AppliedFile(reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3), reader.GetInt32(4))
            );
        }
        return rows;
    }

    private async Task ApplyAsync(NpgsqlConnection connection, SchemaFile file, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await RunAsync(connection, file.Text, ct);
        await using var record = new NpgsqlCommand(
            "insert into public.tenet_schema (number, name, checksum, release, applied_at) values ($1, $2, $3, $4, now())",
            connection,
            transaction
        )
        {
            Parameters =
            {
                new() { Value = file.Number },
                new() { Value = file.Name },
                new() { Value = file.Checksum },
                new() { Value = file.Release },
            },
        };
        await record.ExecuteNonQueryAsync(ct);
        await keys.RecordAsync(connection, transaction, ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied schema {Name}")]
    private partial void LogApplied(string name);
}

internal sealed record AppliedFile(int Number, string Name, string Checksum, bool Complete, int Release = 1);
