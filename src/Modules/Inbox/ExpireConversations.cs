using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

/// <summary>
/// Ends conversations, and visitors who have none, once they are as old as the policy, or the workspace within it, lets them become: by the method
/// that the policy names.
/// </summary>
internal sealed class ExpireConversations(WorkspaceScope door, PolicySettings settings, DataMap map) : IJob
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
        var method = await settings.MethodAsync(ctx.WorkspaceId, Rule, ct);
        var before = keep.Before(ctx.Now);
        // A conversation that is written to right now is left for the next round.
        var expired = await ctx.ListAsync(
            $"""
            select id from inbox.conversation where last_message_at < {before} and {ConversationAge.Left(method)}
             order by last_message_at limit {BatchSize} for update skip locked
            """,
            row => row.GetGuid(0),
            ct
        );
        var ids = expired.ToArray();
        await (method is RetentionMethod.Anonymise ? AnonymiseAsync(ctx, ids, ct) : DeleteAsync(ctx, ids, method, ct));
        await SweptRows.AddAsync(ctx, Rule, keep, method, ids.Length, ct);
        await ctx.ExecuteAsync(
            $"""
            delete from inbox.visitor v
             where v.id in (select id from inbox.visitor where seen_at < {before} and id <> {Guid.Empty} order by seen_at limit {BatchSize})
               and not exists (select from inbox.conversation c where c.visitor_id = v.id)
            """,
            ct
        );
        if (ids.Length > 0)
        {
            ctx.Audit(
                "conversations.expired",
                "workspace",
                ctx.WorkspaceId,
                new
                {
                    count = ids.Length,
                    keep = keep.ToString(),
                    method,
                }
            );
        }
        return ids.Length;
    }

    private static async Task DeleteAsync(WorkspaceContext ctx, Guid[] ids, RetentionMethod method, CancellationToken ct)
    {
        if (method is RetentionMethod.Aggregate)
        {
            await KeptCount.AddAsync(ctx, Rule, "inbox.conversation", "created_at", $"id = any({ids})", ct);
            await KeptCount.AddAsync(ctx, Rule, "inbox.message", "at", $"conversation_id = any({ids})", ct);
        }
        await ctx.ExecuteAsync($"delete from inbox.message where conversation_id = any({ids})", ct);
        await ctx.ExecuteAsync($"delete from inbox.conversation where id = any({ids})", ct);
    }

    /// <summary>What is left is that somebody asked and was answered, when, and of which pages of the site the answer was made.</summary>
    private async Task AnonymiseAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct)
    {
        if (ids.Length == 0)
        {
            return;
        }
        // All of them belong to one row that is nobody: a number of its own would still tell one person's conversations from another's.
        await ctx.ExecuteAsync(
            $"""
            insert into inbox.visitor (id, language, created_at, seen_at) values ({Guid.Empty}, '', {ctx.Now}, {ctx.Now})
            on conflict do nothing
            """,
            ct
        );
        var messages = await PersonalColumns.EmptiedAsync(ctx, map.Of(typeof(Message)), ct);
        await ctx.ExecuteAsync($"update inbox.message set {messages}, client_id = null where conversation_id = any({ids})", ct);
        var conversations = await PersonalColumns.EmptiedAsync(ctx, map.Of(typeof(Conversation)), ct);
        await ctx.ExecuteAsync(
            $"update inbox.conversation set {conversations}, current = false, state = 'resolved', mode = 'assistant' where id = any({ids})",
            ct
        );
    }
}
