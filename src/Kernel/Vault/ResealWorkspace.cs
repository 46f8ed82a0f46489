using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <param name="Done">Values sealed under the newest key now.</param>
/// <param name="Waiting">Transactions that must end first; 0 while values are being sealed.</param>
public readonly record struct ResealProgress(long Done, long Total, int Waiting);

/// <param name="Unreadable">Values that did not open; the versions they need are kept.</param>
public sealed record Resealed(long Values, long Unreadable, int Version, DateTimeOffset? OlderDestroyedAt);

/// <summary>
/// Seals a workspace's values under its newest key version, in small transactions beside running writers, and destroys the older versions when
/// nothing needs them. Where it stands is in the values themselves: killed at any point, it goes on from there.
/// </summary>
public sealed partial class ResealWorkspace(
    WorkspaceScope door,
    WorkspaceVault vault,
    SystemScope system,
    DataMap map,
    TimeProvider time,
    ILogger<ResealWorkspace> logger
) : IJob
{
    public const string Kind = "vault.reseal";

    /// <summary>After which the job takes over from a command that was killed.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public async Task RunAsync(JobRun job, CancellationToken ct) => await RunAsync(job.WorkspaceId, null, ct);

    public async Task<Resealed> RunAsync(Guid workspace, IProgress<ResealProgress>? progress, CancellationToken ct)
    {
        var version = await InAsync(
            workspace,
            async ctx => (await WorkspaceKeys.ListAsync(ctx, ct)).FindLast(k => k.DestroyedAt is null)?.Version,
            ct
        );
        if (version is not { } newest)
        {
            return new(0, 0, 0, null);
        }
        var columns = SealedColumn.Of(map, KeyKind.Workspace);
        long total = 0;
        foreach (var column in columns)
        {
            total += await InAsync(workspace, ctx => column.CountOldAsync(ctx, newest, ct), ct);
        }
        var barrier = new OpenTransactions(system, time);
        long done = 0;
        for (var first = true; ; first = false)
        {
            // Whoever sealed under an older version, or holds a value of one in hand, has ended before a pass that finds nothing counts.
            await barrier.WaitAsync(open => progress?.Report(new(done, total, open)), ct);
            var (moved, unreadable) = (0L, 0L);
            foreach (var column in columns)
            {
                var (columnMoved, columnUnreadable) = await PassAsync(workspace, column, newest, n => Report(n), ct);
                (moved, unreadable) = (moved + columnMoved, unreadable + columnUnreadable);
            }
            if (moved == 0 && !first)
            {
                return await FinishAsync(workspace, newest, done, unreadable, ct);
            }
        }

        void Report(int values)
        {
            done += values;
            progress?.Report(new(done, Math.Max(done, total), 0));
        }
    }

    private async Task<(long Moved, long Unreadable)> PassAsync(
        Guid workspace,
        SealedColumn column,
        int newest,
        Action<int> moved,
        CancellationToken ct
    )
    {
        var (after, count, unreadable) = (Guid.Empty, 0L, 0L);
        while (true)
        {
            List<(Guid Id, byte[] Value)> batch;
            int sealedAgain;
            try
            {
                (batch, sealedAgain) = await InAsync(
                    workspace,
                    async ctx =>
                    {
                        var old = await column.OldAsync(ctx, newest, after, ct);
                        var boxes = await vault.LiveAsync(ctx, ct);
                        var renewed = old.Select(v => (v.Id, v.Value, New: Renew(workspace, column, boxes, newest, v)))
                            .Where(v => v.New is not null)
                            .Select(v => (v.Id, v.Value, v.New!))
                            .ToList();
                        await column.ReplaceAsync(ctx, renewed, ct);
                        return (old, renewed.Count);
                    },
                    ct
                );
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected)
            {
                // A writer held one of the rows and waited for another: it goes first.
                continue;
            }
            if (batch.Count == 0)
            {
                return (count, unreadable);
            }
            (after, count, unreadable) = (batch[^1].Id, count + sealedAgain, unreadable + batch.Count - sealedAgain);
            moved(sealedAgain);
        }
    }

    private static byte[]? Renew(
        Guid workspace,
        SealedColumn column,
        IReadOnlyDictionary<int, SealedBox> boxes,
        int newest,
        (Guid Id, byte[] Value) old
    )
    {
        try
        {
            var version = SealedHeader.Read(old.Value).Version;
            var place = column.Place(old.Id);
            return boxes.TryGetValue(version, out var box)
                ? boxes[newest].Seal(box.Open(old.Value, place.Bind(workspace, version)), place.Bind(workspace, newest))
                : null;
        }
        catch (SealException)
        {
            return null;
        }
    }

    private async Task<Resealed> FinishAsync(Guid workspace, int newest, long done, long unreadable, CancellationToken ct)
    {
        if (unreadable > 0)
        {
            // Their key may be needed once they are restored from a backup.
            LogUnreadable(workspace, unreadable);
            return new(done, unreadable, newest, null);
        }
        var destroyed = await InAsync(
            workspace,
            async ctx =>
            {
                await DemandAllKnownAsync(ctx, ct);
                return await WorkspaceKeys.DestroyAsync(ctx, newest, ct);
            },
            ct
        );
        vault.Forget(workspace);
        return new(done, 0, newest, destroyed);
    }

    /// <summary>While hosts of two releases run side by side, one of the older must not destroy what columns of the newer are sealed under.</summary>
    private async Task DemandAllKnownAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var binary = await ctx.ListAsync(
            $"""
            select n.nspname || '.' || c.relname, a.attname::text
              from pg_class c
              join pg_namespace n on n.oid = c.relnamespace
              join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.atttypid = 'bytea'::regtype
             where c.relkind in ('r', 'p') and not c.relispartition
               and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
            """,
            row => (Table: row.GetString(0), Column: row.GetString(1)),
            ct
        );
        var known = map.Tables.SelectMany(table => table.Columns.Select(column => (table.Table, column.Column))).ToHashSet();
        if (binary.Find(column => !known.Contains(column)) is { Table: { } table } unknown)
        {
            throw new InvalidOperationException(
                $"This host does not know the column {table}.{unknown.Column}, whose values may need the older keys. They are kept: "
                    + "rotate again when all hosts are of the newest release."
            );
        }
    }

    private Task<T> InAsync<T>(Guid workspace, Func<WorkspaceContext, Task<T>> work, CancellationToken ct) =>
        door.RunAsync(workspace, Actor.System, work, ct);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Workspace {Workspace} has {Count} sealed values that do not open; its older keys are kept"
    )]
    private partial void LogUnreadable(Guid workspace, long count);
}
