using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Closings;

/// <summary>
/// Deletes the rows of one part of a closed workspace in batches, and counts them in the transaction that deletes them. Which tables there are
/// says the catalogue. It works as the second role, which may delete only where a purge has begun.
/// </summary>
internal sealed class PurgeRows(WorkspaceScope door, SystemScope system, IEnumerable<BeforeErasure> before, DataMap map)
{
    private const int BatchSize = 5_000;
    private const string Method = "rows deleted";

    /// <summary>What tells of the end itself, and the job that brings it about.</summary>
    private static readonly IReadOnlySet<string> Kept = new HashSet<string>(
        ["privacy.closing", "privacy.closing_part", "privacy.closing_outcome"],
        StringComparer.Ordinal
    );

    /// <summary>Whether a table's rows stay when all else of their workspace goes.</summary>
    public static bool Keeps(DataMap map, string table) =>
        Kept.Contains(table) || map.Tables.Any(known => known.Table == table && known.KeptAtClosing is not null);

    /// <returns>False when jobs that have to end first are still waiting.</returns>
    public async Task<bool> RunAsync(Guid workspace, Guid closing, string part, IReadOnlyCollection<string> parts, CancellationToken ct)
    {
        var tables = (await door.RunAsync(workspace, Actor.System, ctx => TenantTables.InOrderAsync(ctx, ct), ct))
            .Where(table => !Keeps(map, table) && Parts.Of(table, parts) == part)
            // Deleting members tells of it: what is told goes after them.
            .OrderBy(table => table == "kernel.event" || table.StartsWith("audit.", StringComparison.Ordinal))
            .ToList();
        foreach (var table in tables.Where(table => table != "kernel.job"))
        {
            var step = before.FirstOrDefault(known => known.Table == table);
            while (
                await (step is null ? BatchAsync(workspace, closing, table, ct) : PersonsAsync(workspace, closing, step, ct)) == BatchSize
            ) { }
        }
        if (part == Parts.Everything)
        {
            await LettersAsync(workspace, closing, ct);
        }
        if (tables.Contains("kernel.job") && !await JobsAsync(workspace, closing, ct))
        {
            return false;
        }
        await door.RunAsync(workspace, Actor.System, ctx => VerifyAsync(ctx, closing, tables, ct), ct);
        return true;
    }

    private Task<int> BatchAsync(Guid workspace, Guid closing, string table, CancellationToken ct)
    {
        var name = Sql.Constant(table);
        return system.RunAsync(
            async s =>
            {
                var rows = await s.ExecuteAsync(
                    $"""
                    delete from {name} where workspace_id = {workspace} and ctid = any(array(
                      select ctid from {name} where workspace_id = {workspace} limit {BatchSize}))
                    """,
                    ct
                );
                await CountAsync(s, workspace, closing, table, rows, ct);
                return rows;
            },
            ct
        );
    }

    /// <summary>Rows that stand for persons go by the door, with what their module does when somebody is erased.</summary>
    private Task<int> PersonsAsync(Guid workspace, Guid closing, BeforeErasure step, CancellationToken ct)
    {
        var name = Sql.Constant(step.Table);
        return door.RunAsync(
            workspace,
            Actor.System,
            async ctx =>
            {
                var ids = (await ctx.ListAsync($"select id from {name} limit {BatchSize}", row => row.GetGuid(0), ct)).ToArray();
                await step.RunAsync(ctx, ids, ct);
                await ctx.ExecuteAsync($"delete from {name} where id = any({ids})", ct);
                await CountAsync(ctx, workspace, closing, step.Table, ids.Length, ct);
                return ids.Length;
            },
            ct
        );
    }

    // Letters that were sent have no text any more; the last one, of this deletion, may still wait for the relay.
    private Task LettersAsync(Guid workspace, Guid closing, CancellationToken ct) =>
        system.RunAsync(
            async s =>
            {
                var rows = await s.ExecuteAsync(
                    $"delete from kernel.mail where workspace_id = {workspace} and (sent_at is not null or dead_at is not null)",
                    ct
                );
                await CountAsync(s, workspace, closing, "kernel.mail", rows, ct);
            },
            ct
        );

    private Task<bool> JobsAsync(Guid workspace, Guid closing, CancellationToken ct) =>
        door.RunAsync(
            workspace,
            Actor.System,
            async ctx =>
            {
                // Those that the deletion itself asked for have to end: a login is forgotten by one. Who fails without keys and rows does not,
                // and what is put off for later is not of the deletion: a checkpoint of the log that is gone.
                var rows = await ctx.ExecuteAsync(
                    $"""
                    delete from kernel.job
                     where kind <> {PurgeWorkspace.Kind}
                       and (dead_at is not null or last_error is not null or created_at < (select purging_at from kernel.workspace)
                            or attempt = 0 and run_at > clock_timestamp() + interval '1 minute')
                    """,
                    ct
                );
                await CountAsync(ctx, workspace, closing, "kernel.job", rows, ct);
                return await ctx.ScalarAsync<long>($"select count(*) from kernel.job where kind <> {PurgeWorkspace.Kind}", ct) == 0;
            },
            ct
        );

    private static Task CountAsync(DataContext db, Guid workspace, Guid closing, string store, long rows, CancellationToken ct) =>
        db.ExecuteAsync(
            $"""
            insert into privacy.closing_outcome as o (workspace_id, closing_id, store, method, rows_found)
            values ({workspace}, {closing}, {store}, {Method}, {rows})
            on conflict (workspace_id, closing_id, store) do update set rows_found = o.rows_found + excluded.rows_found
            """,
            ct
        );

    /// <exception cref="InvalidOperationException">Rows are there again: the next attempt deletes them.</exception>
    private static async Task VerifyAsync(WorkspaceContext ctx, Guid closing, IReadOnlyList<string> tables, CancellationToken ct)
    {
        foreach (var table in tables)
        {
            var left =
                table == "kernel.job"
                    ? (Sql)$"select count(*) from kernel.job where kind <> {PurgeWorkspace.Kind}"
                    : Sql.Constant("select count(*) from " + table);
            var rows = await ctx.ScalarAsync<long>(left, ct);
            if (rows > 0)
            {
                throw new InvalidOperationException($"{table} of a closed workspace has rows again; they are deleted anew.");
            }
            await ctx.ExecuteAsync(
                $"""
                update privacy.closing_outcome
                   set rows_remaining = {rows}, query_hash = {SHA256.HashData(
                    Encoding.UTF8.GetBytes(left.ToString())
                )}, verified_at = {ctx.Now}
                 where closing_id = {closing} and store = {table}
                """,
                ct
            );
        }
    }
}
