using Tenet.Accounts;
using Tenet.Inbox.Answers;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

/// <summary>What a member of the team does with a conversation. Each is one transaction, one event in the thread, one audit entry.</summary>
internal sealed class ConversationDesk(Mailer mailer)
{
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(2);

    /// <param name="memberId">Who answers from now on; null is the caller.</param>
    public async Task TakeOverAsync(WorkspaceContext ctx, Guid id, Guid? memberId, CancellationToken ct)
    {
        var member = memberId ?? ctx.Actor.MemberId;
        if (await Members.FindAsync(ctx, member, ct) is null)
        {
            throw new RuleException("memberId", "There is no such member.");
        }
        var conversation = await ctx.LockConversationAsync(id, ct);
        if (conversation.Mode == ConversationMode.Member && conversation.AssigneeId == member)
        {
            return;
        }
        conversation.TakeOver(member);
        Happened(ctx, conversation, EventTexts.TakenOver, "conversation.taken_over");
        ctx.Publish(Topics.Handover, conversation.VisitorId);
    }

    public async Task HandBackAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var conversation = await ctx.LockConversationAsync(id, ct);
        conversation.HandBack();
        Happened(ctx, conversation, EventTexts.HandedBack, "conversation.handed_back");
    }

    public async Task ResolveAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var conversation = await ctx.LockConversationAsync(id, ct);
        conversation.Resolve(ctx.Now);
        Happened(ctx, conversation, EventTexts.Resolved, "conversation.resolved");
        ctx.Publish(Topics.Handover, conversation.VisitorId);
    }

    public async Task ReopenAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var conversation = await ctx.LockConversationAsync(id, ct);
        conversation.Reopen();
        Happened(ctx, conversation, EventTexts.Reopened, "conversation.reopened");
    }

    public async Task SnoozeAsync(WorkspaceContext ctx, Guid id, DateTimeOffset until, CancellationToken ct)
    {
        var conversation = await ctx.LockConversationAsync(id, ct);
        conversation.Snooze(until, ctx.Now);
        Happened(ctx, conversation, EventTexts.Snoozed, "conversation.snoozed");
        ctx.Enqueue(WakeConversation.Kind, conversation.Id, until - ctx.Now);
    }

    /// <summary>A reply takes the conversation over; a note is for the team only and changes nothing.</summary>
    public async Task<Message> WriteAsync(WorkspaceContext ctx, Guid id, string text, bool note, CancellationToken ct)
    {
        var validation = new Validation();
        text = validation.Text("text", text, 10_000);
        validation.Throw();
        var member = ctx.Actor.MemberId;
        var conversation = await ctx.LockConversationAsync(id, ct);
        if (!note && (conversation.Mode != ConversationMode.Member || conversation.AssigneeId is null))
        {
            conversation.TakeOver(member);
            ctx.Say(conversation, MessageAuthor.System, member, MessageKind.Event, EventTexts.TakenOver);
            ctx.Publish(Topics.Handover, conversation.VisitorId);
        }
        var message = ctx.Say(conversation, MessageAuthor.Member, member, note ? MessageKind.Note : MessageKind.Text, text);
        if (!note)
        {
            conversation.Replied();
            await MailWhenAwayAsync(ctx, conversation, text, ct);
        }
        ctx.Audit(note ? "conversation.note_written" : "conversation.replied", "conversation", conversation.Id);
        ctx.Publish(Topics.Conversation, conversation.VisitorId);
        return message;
    }

    // The reply must reach a visitor who left an address and is gone.
    private async Task MailWhenAwayAsync(WorkspaceContext ctx, Conversation conversation, string text, CancellationToken ct)
    {
        var visitor = await ctx.Db<InboxDb>().Visitors.FindAsync([conversation.VisitorId], ct);
        if (visitor is { Email: { } email } && visitor.SeenAt < ctx.Now - Away)
        {
            var name = await ctx.ScalarAsync<string>($"select name from inbox.widget", ct);
            mailer.Send(ctx, new Letter(email, $"A reply from {name ?? "us"}", text));
        }
    }

    private static void Happened(WorkspaceContext ctx, Conversation conversation, string code, string action)
    {
        ctx.Say(conversation, MessageAuthor.System, ctx.Actor.Id, MessageKind.Event, code);
        ctx.Audit(action, "conversation", conversation.Id);
        ctx.Publish(Topics.Conversation, conversation.VisitorId);
    }
}
