using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Audit.Merkle;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>Lays waiting entries into the chain and the tree of their workspace, in batches, so that no transaction waits for another's.</summary>
internal sealed partial class AuditSequencer(
    SystemScope system,
    WorkspaceScope door,
    AuditOptions options,
    TimeProvider time,
    ILogger<AuditSequencer> logger
) : BackgroundService
{
    private const int BatchSize = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A broken trail is found again at each look; it is said again this often.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _told = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SequenceAllAsync(stoppingToken);
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                LogUnreachable(e.SqlState ?? "connection");
                await Task.Delay(TimeSpan.FromSeconds(2), time, CancellationToken.None);
            }
        }
    }

    internal async Task SequenceAllAsync(CancellationToken ct)
    {
        var workspaces = await system.RunAsync(
            context => context.ListAsync($"select distinct workspace_id from audit.due", row => row.GetGuid(0), ct),
            ct
        );
        foreach (var workspace in workspaces)
        {
            try
            {
                await SequenceAsync(workspace, Lock.IfFree, ct);
            }
            catch (Exception e)
                when (e
                        is PostgresException { SqlState: not PostgresErrorCodes.ReadOnlySqlTransaction, IsTransient: false }
                            or InvalidDataException
                )
            {
                // A trail that was tampered with takes no more entries; the others go on.
                if (!_told.TryGetValue(workspace, out var told) || told + Reminder <= time.GetUtcNow())
                {
                    _told[workspace] = time.GetUtcNow();
                    LogBroken(workspace, (e as PostgresException)?.SqlState ?? "head");
                }
            }
        }
    }

    /// <summary>All that waits in one workspace: afterwards the chain holds every entry that was committed before the call.</summary>
    internal Task SequenceAsync(Guid workspaceId, CancellationToken ct) => SequenceAsync(workspaceId, Lock.Wait, ct);

    private async Task SequenceAsync(Guid workspaceId, Lock take, CancellationToken ct)
    {
        while (await door.RunAsync(workspaceId, Actor.System, context => SequenceAsync(context, take, ct), ct) == BatchSize) { }
    }

    private enum Lock
    {
        /// <summary>Else the entries are another's work, or that of the next round.</summary>
        IfFree,
        Wait,
    }

    private async Task<int> SequenceAsync(WorkspaceContext ctx, Lock take, CancellationToken ct)
    {
        // One sequencer per workspace at a time.
        var key = AuditChain.Lock(ctx.WorkspaceId);
        if (take == Lock.Wait)
        {
            await ctx.ExecuteAsync($"select pg_advisory_xact_lock({key})", ct);
        }
        else if (!await ctx.ScalarAsync<bool>($"select pg_try_advisory_xact_lock({key})", ct))
        {
            return 0;
        }
        var entries = await ctx.ListAsync(
            $"""
            select e.id, e.at, e.actor_kind, e.actor_id, e.action, e.subject_kind, e.subject_id, e.details, e.salt, e.commitment
              from audit.due d
              join audit.entry e on e.workspace_id = d.workspace_id and e.id = d.entry_id
             order by d.entry_id
             limit 1000
            """,
            row => AuditRow.ReadEntry(row, 0),
            ct
        );
        if (entries.Count == 0)
        {
            return 0;
        }
        var head = await AuditHead.FindAsync(ctx, ct) ?? AuditHead.Begin(ctx.WorkspaceId);
        var (tree, previous) = (new CompactRange(head.Size, head.Peaks), head.Hash);
        var (links, nodes) = (new List<AuditLink>(entries.Count), new List<TreeNode>());
        foreach (var entry in entries)
        {
            var leaf = AuditChain.Leaf(ctx.WorkspaceId, entry);
            tree.Append(leaf, node => AddIfKept(nodes, node));
            links.Add(
                new AuditLink
                {
                    Position = tree.Size,
                    EntryId = entry.Id,
                    Leaf = leaf,
                    Previous = previous,
                    Hash = AuditChain.Link(previous, leaf),
                }
            );
            previous = links[^1].Hash;
        }
        Write(ctx, links, nodes, tree);
        if (head.Size == 0)
        {
            ctx.Schedule(PurgeAudit.Kind, ctx.WorkspaceId, PurgeAudit.Every);
        }
        ctx.Enqueue(PublishCheckpoint.Kind, ctx.WorkspaceId, options.CheckpointEvery, PublishCheckpoint.Kind);
        return entries.Count;
    }

    private static void AddIfKept(List<TreeNode> nodes, TreeNode node)
    {
        if (node.Height % AuditTree.BlockHeight == 0)
        {
            nodes.Add(node);
        }
    }

    // With the commit, in one round trip.
    private static void Write(WorkspaceContext ctx, List<AuditLink> links, List<TreeNode> nodes, CompactRange tree)
    {
        var ids = links.ConvertAll(link => link.EntryId!.Value).ToArray();
        ctx.Later(
            $"""
            insert into audit.link (position, entry_id, leaf, previous, hash)
            select * from unnest({links.ConvertAll(link => link.Position).ToArray()}, {ids}, {links.ConvertAll(link =>
                link.Leaf
            ).ToArray()},
                                 {links.ConvertAll(link => link.Previous).ToArray()}, {links.ConvertAll(link => link.Hash).ToArray()})
            """
        );
        if (nodes.Count > 0)
        {
            ctx.Later(
                $"""
                insert into audit.node (height, index, hash)
                select * from unnest({nodes.ConvertAll(node => node.Height).ToArray()}, {nodes.ConvertAll(node => node.Index).ToArray()},
                                     {nodes.ConvertAll(node => node.Hash).ToArray()})
                """
            );
        }
        ctx.Later(
            $"""
            insert into audit.head (size, hash, peaks) values ({tree.Size}, {links[^1].Hash}, {tree.Peaks})
            on conflict (workspace_id) do update set size = excluded.size, hash = excluded.hash, peaks = excluded.peaks
            """
        );
        ctx.Later($"delete from audit.due where entry_id = any({ids})");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Audit entries could not be chained now ({State}); they wait and are tried again")]
    private partial void LogUnreachable(string state);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The audit trail of workspace {WorkspaceId} takes no more entries ({State}); they wait. Run: tenet audit verify"
    )]
    private partial void LogBroken(Guid workspaceId, string state);
}
