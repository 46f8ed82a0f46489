using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>Lays waiting entries into the chain of their workspace, in batches, so that no transaction waits for another's.</summary>
internal sealed partial class AuditSequencer(SystemScope system, WorkspaceScope door, TimeProvider time, ILogger<AuditSequencer> logger)
    : BackgroundService
{
    private const int BatchSize = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

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
                LogFailed(e.SqlState ?? "connection");
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
            while (await door.RunAsync(workspace, Actor.System, context => SequenceAsync(context, ct), ct) == BatchSize) { }
        }
    }

    private static async Task<int> SequenceAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        // One sequencer per workspace at a time; the loser comes back in the next round.
        var key = BitConverter.ToInt64(ctx.WorkspaceId.ToByteArray(), 8);
        if (!await ctx.ScalarAsync<bool>($"select pg_try_advisory_xact_lock({key})", ct))
        {
            return 0;
        }
        var entries = await ctx.ListAsync(
            $"""
            select e.id, e.at, e.actor_kind, e.actor_id, e.action, e.subject_kind, e.subject_id, e.details, e.salt, e.commitment
              from audit.due d
              join audit.entry e on e.workspace_id = d.workspace_id and e.id = d.entry_id
             order by d.entry_id
             limit 500
            """,
            Read,
            ct
        );
        if (entries.Count == 0)
        {
            return 0;
        }
        var last = await ctx.FirstOrDefaultAsync<(long Position, byte[] Hash)?>(
            $"select position, hash from audit.link order by position desc limit 1",
            row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)),
            ct
        );
        var (position, previous) = last ?? (0, AuditChain.Origin(ctx.WorkspaceId));
        var links = new List<AuditLink>(entries.Count);
        foreach (var entry in entries)
        {
            position++;
            var hash = AuditChain.Link(previous, ctx.WorkspaceId, position, entry);
            links.Add(
                new AuditLink
                {
                    Position = position,
                    EntryId = entry.Id,
                    Previous = previous,
                    Hash = hash,
                }
            );
            previous = hash;
        }
        await ctx.ExecuteAsync(
            $"""
            insert into audit.link (position, entry_id, previous, hash)
            select * from unnest({links.ConvertAll(link => link.Position).ToArray()}, {links.ConvertAll(link => link.EntryId).ToArray()},
                                 {links.ConvertAll(link => link.Previous).ToArray()}, {links.ConvertAll(link => link.Hash).ToArray()})
            """,
            ct
        );
        var ids = entries.ConvertAll(entry => entry.Id).ToArray();
        await ctx.ExecuteAsync($"delete from audit.due where entry_id = any({ids})", ct);
        return entries.Count;
    }

    internal static AuditEntry Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            At = row.GetFieldValue<DateTimeOffset>(1),
            ActorKind = SqlValue.Enum<ActorKind>(row.GetString(2)),
            ActorId = row.IsDBNull(3) ? null : row.GetGuid(3),
            Action = row.GetString(4),
            SubjectKind = row.GetString(5),
            SubjectId = row.GetGuid(6),
            Details = row.IsDBNull(7) ? null : row.GetString(7),
            Salt = row.GetFieldValue<byte[]>(8),
            Commitment = row.GetFieldValue<byte[]>(9),
        };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Audit entries could not be chained now ({State}); they wait and are tried again")]
    private partial void LogFailed(string state);
}
