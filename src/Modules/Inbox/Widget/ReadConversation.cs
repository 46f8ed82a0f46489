using Microsoft.EntityFrameworkCore;
using Tenet.Accounts;
using Tenet.Inbox.Answers;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <summary>A visitor's current conversation, from some message on.</summary>
internal sealed record CurrentConversation(Conversation Conversation, IReadOnlyList<MessageView> Messages, long LastSeq, StateView State);

/// <summary>Reads what a visitor may see of their own current conversation.</summary>
internal static class ReadConversation
{
    private const int Newest = 200;

    public static async Task<CurrentConversation?> CurrentAsync(
        WorkspaceContext ctx,
        Guid visitorId,
        string language,
        EventId? after,
        CancellationToken ct
    )
    {
        var db = ctx.Db<InboxDb>();
        var conversation = await db.Conversations.AsNoTracking().FirstOrDefaultAsync(c => c.VisitorId == visitorId && c.Current, ct);
        if (conversation is null)
        {
            return null;
        }
        var from = after?.SeqIn(conversation.Id) ?? 0;
        var messages = await db
            .Messages.AsNoTracking()
            .Where(m => m.ConversationId == conversation.Id && m.Seq > from)
            .OrderByDescending(m => m.Seq)
            .Take(Newest)
            .ToListAsync(ct);
        messages.Reverse();
        var views = new List<MessageView>(messages.Count);
        foreach (var message in messages)
        {
            var author = message is { Author: MessageAuthor.Member, AuthorId: { } member }
                ? await Members.NameOfAsync(ctx, member, ct)
                : null;
            if (MessageView.Of(message, author, language) is { } view)
            {
                views.Add(view);
            }
        }
        var last = messages.Count > 0 ? messages[^1].Seq : from;
        return new CurrentConversation(conversation, views, last, await StateAsync(ctx, conversation, ct));
    }

    public static async Task<StateView> StateAsync(WorkspaceContext ctx, Conversation conversation, CancellationToken ct)
    {
        var assignee = conversation.AssigneeId is { } member ? await Members.NameOfAsync(ctx, member, ct) : null;
        var online = await TeamPresence.AnyAsync(ctx, ct);
        return new StateView(
            conversation.Id,
            conversation.State,
            conversation.Mode,
            assignee is null ? null : new AssigneeView(assignee),
            online
        );
    }
}

/// <summary>Which members look at the inbox right now.</summary>
internal static class TeamPresence
{
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(75);

    public static Task<bool> AnyAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ScalarAsync<bool>($"select exists (select from inbox.presence where seen_at > {ctx.Now - Fresh})", ct);

    public static async Task SeenAsync(WorkspaceContext ctx, Guid memberId, CancellationToken ct)
    {
        var wasThere = await AnyAsync(ctx, ct);
        await ctx.ExecuteAsync(
            $"""
            insert into inbox.presence (member_id, seen_at) values ({memberId}, {ctx.Now})
            on conflict (workspace_id, member_id) do update set seen_at = excluded.seen_at
            """,
            ct
        );
        if (!wasThere)
        {
            ctx.Publish(Topics.Presence, memberId);
        }
    }

    public static async Task GoneAsync(WorkspaceContext ctx, Guid memberId, CancellationToken ct)
    {
        await ctx.ExecuteAsync($"delete from inbox.presence where member_id = {memberId}", ct);
        ctx.Publish(Topics.Presence, memberId);
    }
}
