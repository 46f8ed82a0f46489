using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

/// <summary>Deletes conversations, and visitors who have none, once they are as old as the policy, or the workspace within it, lets them become.</summary>
internal sealed class ExpireConversations(WorkspaceScope door, PolicySettings settings) : IJob
{
    public const string Kind = "inbox.expire";

    /// <summary>The retention rule that policies set.</summary>
    public const string Rule = "inbox.conversations";

    public static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private const int BatchSize = 500;

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        while (await door.RunAsync(job.WorkspaceId, Actor.System, ctx => ExpireAsync(ctx, ct), ct) == BatchSize) { }
    }

    private async Task<int> ExpireAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        if (await settings.KeepAsync(ctx, Rule, ct) is not { } keep)
        {
            return 0;
        }
        var before = keep.Before(ctx.Now);
        // A conversation that is written to right now is left for the next round.
        var expired = await ctx.ListAsync(
            $"select id from inbox.conversation where last_message_at < {before} order by last_message_at limit {BatchSize} for update skip locked",
            row => row.GetGuid(0),
            ct
        );
        var ids = expired.ToArray();
        await ctx.ExecuteAsync($"delete from inbox.message where conversation_id = any({ids})", ct);
        await ctx.ExecuteAsync($"delete from inbox.conversation where id = any({ids})", ct);
        await SweptRows.AddAsync(ctx, Rule, keep, ids.Length, ct);
        await ctx.ExecuteAsync(
            $"""
            delete from inbox.visitor v
             where v.id in (select id from inbox.visitor where seen_at < {before} order by seen_at limit {BatchSize})
               and not exists (select from inbox.conversation c where c.visitor_id = v.id)
            """,
            ct
        );
        if (ids.Length > 0)
        {
            ctx.Audit("conversations.expired", "workspace", ctx.WorkspaceId, new { count = ids.Length, keep = keep.ToString() });
        }
        return ids.Length;
    }
}
