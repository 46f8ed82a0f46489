using Npgsql;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Doctoring;

/// <summary>What the database says of itself, asked as its administrator.</summary>
internal sealed class DatabaseChecks(NpgsqlConnection admin, int poolSize, TimeProvider time)
{
    // The host's own beside its pools: the listener, a migration, a command.
    private const int Beside = 5;

    public async Task<IReadOnlyList<Finding>> SettingsAsync(CancellationToken ct)
    {
        var settings = (
            await ListAsync("select name, setting from pg_settings", row => (row.GetString(0), row.GetString(1)), ct)
        ).ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);
        return SettingChecks.Judge(name => settings.GetValueOrDefault(name, ""), poolSize + Math.Max(2, poolSize / 4) + Beside);
    }

    public async Task<IReadOnlyList<Finding>> RolesAsync(CancellationToken ct)
    {
        var roles = await ListAsync(
            $"""
            select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication,
                   exists (select from pg_auth_members m where m.member = r.oid),
                   exists (select from pg_class c where c.relowner = r.oid)
              from pg_roles r where rolname in ('{Databases.AppRole}', '{Databases.SystemRole}')
            """,
            row => (Name: row.GetString(0), Mighty: row.GetBoolean(1), Member: row.GetBoolean(2), Owner: row.GetBoolean(3)),
            ct
        );
        return [.. new[] { Databases.AppRole, Databases.SystemRole }.Select(Judge)];

        Finding Judge(string name)
        {
            var role = roles.Find(r => r.Name == name);
            var check = "roles." + name;
            return role.Name is null ? Finding.Red(check, $"The role {name} does not exist.", "Run: tenet migrate")
                : role.Mighty
                    ? Finding.Red(
                        check,
                        $"The role {name} may do more than it needs: it could pass by the isolation between workspaces.",
                        $"Run: alter role {name} nosuperuser nobypassrls nocreaterole nocreatedb noreplication"
                    )
                : role.Member
                    ? Finding.Red(
                        check,
                        $"The role {name} is a member of other roles and has their rights.",
                        $"Revoke them: revoke OTHER from {name}"
                    )
                : role.Owner
                    ? Finding.Red(check, $"The role {name} owns tables.", "Give them to the schema's owner: alter table … owner to …")
                : Finding.Green(check, $"The role {name} has no rights beyond its grants.");
        }
    }

    /// <summary>Every tenant's table under forced row-level security.</summary>
    public async Task<IReadOnlyList<Finding>> IsolationAsync(CancellationToken ct)
    {
        const string Check = "isolation.tables";
        var open = await ListAsync(
            $"""
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
               and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped)
               and has_table_privilege('{Databases.AppRole}', c.oid, 'select') and not (c.relrowsecurity and c.relforcerowsecurity)
               and exists (select from pg_roles where rolname = '{Databases.AppRole}')
            """,
            row => row.GetString(0),
            ct,
            orEmpty: true
        );
        return
        [
            open.Count == 0
                ? Finding.Green(Check, "Every table of workspaces is under row-level security.")
                : Finding.Red(
                    Check,
                    $"Row-level security is off for {string.Join(", ", open)}.",
                    "Stop Tenet, find out who switched it off, then run for each: alter table … enable row level security, force row level security"
                ),
        ];
    }

    /// <summary>Writes a few megabytes and takes them back.</summary>
    public async Task<IReadOnlyList<Finding>> RoomAsync(CancellationToken ct)
    {
        const string Check = "postgres.disk";
        return
        [
            await DatabaseRoom.IsFullAsync(admin, ct)
                ? Finding.Red(
                    Check,
                    "PostgreSQL's disk is full: nothing new can be stored.",
                    "Make room where PostgreSQL keeps its data, or enlarge that disk. Tenet goes on by itself then."
                )
                : Finding.Green(Check, "PostgreSQL has room to write."),
        ];
    }

    public async Task<IReadOnlyList<Finding>> ClockAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow();
        var there = (await ListAsync("select clock_timestamp()", row => row.GetFieldValue<DateTimeOffset>(0), ct))[0];
        var after = time.GetUtcNow();
        return [Clock(there - (before + ((after - before) / 2)))];
    }

    internal static Finding Clock(TimeSpan skew)
    {
        const string Check = "clock.skew";
        const string Step =
            "Synchronise both machines' clocks (systemd-timesyncd or chrony): links, codes and sessions are valid for a time.";
        var says = $"The clocks of this machine and of the database differ by {skew.Duration().TotalSeconds:0.0} s.";
        return skew.Duration() > TimeSpan.FromSeconds(60) ? Finding.Red(Check, says, Step)
            : skew.Duration() > TimeSpan.FromSeconds(5) ? Finding.Yellow(Check, says, Step)
            : Finding.Green(Check, says);
    }

    public async Task<IReadOnlyList<Finding>> SchemaAsync(CancellationToken ct)
    {
        const string Check = "schema.version";
        try
        {
            var files = SchemaFiles.Read(Path.Combine(AppContext.BaseDirectory, "schema"));
            var applied = await Migrator.AppliedAsync(admin, ct);
            Migrator.Check(files, applied);
            return
            [
                applied.Count > files.Count
                    ? Finding.Yellow(
                        Check,
                        "The schema is the next release's, which this version still works on.",
                        "Finish the upgrade: restart the nodes of the old version with the new one."
                    )
                : applied.Count == files.Count
                    ? Finding.Green(Check, $"The schema is the one of this version ({files.Count} files, checksums agree).")
                : Finding.Yellow(
                    Check,
                    $"{files.Count - applied.Count} of {files.Count} schema files are not applied yet.",
                    "Run: tenet migrate. A start does it too."
                ),
            ];
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable)
        {
            return [Finding.Yellow(Check, "The database holds no Tenet yet.", "Run: tenet migrate")];
        }
        catch (InvalidOperationException e)
        {
            return [Finding.Red(Check, e.Message, "Tenet does not start on this database. Do not edit the schema by hand.")];
        }
    }

    private async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> map, CancellationToken ct, bool orEmpty = false)
    {
        var rows = new List<T>();
        try
        {
            await using var command = new NpgsqlCommand(sql, admin) { CommandTimeout = 15 };
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                rows.Add(map(reader));
            }
        }
        catch (PostgresException e) when (orEmpty && e.SqlState is PostgresErrorCodes.UndefinedObject)
        {
            // The role is missing, which is a finding of its own.
        }
        return rows;
    }
}
