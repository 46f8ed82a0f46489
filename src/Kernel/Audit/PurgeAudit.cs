using System.Text.Json;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>What an <c>audit.purged</c> entry says: entries up to a position are gone because they were older than the limit.</summary>
internal sealed record PurgeStatement(long Through, DateTimeOffset Before, int KeepDays, int Count)
{
    public const string Action = "audit.purged";

    /// <returns>Null when the entry is none.</returns>
    public static PurgeStatement? Of(AuditEntry entry)
    {
        try
        {
            return entry is { Action: Action, Details: { } details }
                ? JsonSerializer.Deserialize<PurgeStatement>(details, JsonSerializerOptions.Web)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>
/// Deletes entries that are older than the trail is kept, in the order of the chain. Their links stay, so that the chain, the tree and every
/// checkpoint ever signed still verify; the purge itself is an entry, without which a missing entry is a fault.
/// </summary>
internal sealed class PurgeAudit(WorkspaceScope door, PolicySettings settings) : IJob
{
    public const string Kind = "audit.purge";

    /// <summary>The retention rule that policies set.</summary>
    public const string Rule = "audit.log";

    public static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private const int BatchSize = 5000;

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        while (
            await door.RunAsync(
                job.WorkspaceId,
                Actor.System,
                async ctx => await settings.KeepAsync(ctx, Rule, ct) is { } keep ? await PurgeAsync(ctx, keep, ct) : 0,
                ct
            ) == BatchSize
        ) { }
    }

    /// <returns>The number of entries deleted.</returns>
    internal static async Task<int> PurgeAsync(WorkspaceContext ctx, Period keep, CancellationToken ct)
    {
        await ctx.ExecuteAsync($"select pg_advisory_xact_lock({AuditChain.Lock(ctx.WorkspaceId)})", ct);
        if (await AuditHead.FindAsync(ctx, ct) is not { } head)
        {
            return 0;
        }
        // Whole seconds, so that it is not later than the entry that tells of it.
        var now = DateTimeOffset.FromUnixTimeSeconds(ctx.Now.ToUnixTimeSeconds());
        var before = keep.Before(now);
        var oldest = await ctx.ListAsync(
            $"""
            select l.position, e.id, e.at
              from audit.link l
              left join audit.entry e on e.workspace_id = l.workspace_id and e.id = l.entry_id
             where l.position > {head.PurgedThrough}
             order by l.position
             limit {BatchSize}
            """,
            row =>
                (
                    Position: row.GetInt64(0),
                    Id: row.IsDBNull(1) ? Guid.Empty : row.GetGuid(1),
                    At: row.IsDBNull(2) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(2)
                ),
            ct
        );
        // An entry whose clock was ahead does not keep the older ones around it: only one of the time that is kept ends the purge.
        var last = oldest.TakeWhile(row => row.At is not { } at || at < before || at > ctx.Now).LastOrDefault(row => row.At < before);
        if (last.Position == 0)
        {
            return 0;
        }
        var ids = oldest.TakeWhile(row => row.Position <= last.Position).Select(row => row.Id).ToArray();
        await ctx.ExecuteAsync($"delete from audit.entry where id = any({ids})", ct);
        await SweptRows.AddAsync(ctx, Rule, keep, ids.Length, ct);
        await ctx.ExecuteAsync($"update audit.head set purged_through = {last.Position}", ct);
        ctx.Audit(
            PurgeStatement.Action,
            "workspace",
            ctx.WorkspaceId,
            new PurgeStatement(last.Position, before, (int)(now - before).TotalDays, ids.Length)
        );
        return ids.Length;
    }
}
