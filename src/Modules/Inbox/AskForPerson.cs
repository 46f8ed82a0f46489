using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

/// <summary>A visitor wants a person. That is a state which the server sets and which pauses the assistant.</summary>
internal sealed class AskForPerson
{
    public async Task RunAsync(WorkspaceContext ctx, Guid visitorId, CancellationToken ct)
    {
        var conversation = await CurrentAsync(ctx, visitorId, ct);
        if (conversation.AskForPerson())
        {
            ctx.Say(conversation, MessageAuthor.System, null, MessageKind.Event, EventTexts.PersonAsked);
            ctx.Audit("conversation.person_asked", "conversation", conversation.Id);
            ctx.Publish(Topics.Handover, visitorId);
        }
        ctx.Publish(Topics.Conversation, visitorId);
    }

    /// <summary>Nobody is there: the message waits for the team, with an address to answer to.</summary>
    public async Task LeaveMessageAsync(WorkspaceContext ctx, Guid visitorId, string? name, string email, string text, CancellationToken ct)
    {
        var conversation = await CurrentAsync(ctx, visitorId, ct);
        // Said by the visitor, so it does not replace what the customer's site has vouched for.
        await ctx.ExecuteAsync(
            $"update inbox.visitor set email = {email}, name = coalesce({name}, name) where id = {visitorId} and not verified",
            ct
        );
        ctx.Say(conversation, MessageAuthor.Visitor, visitorId, MessageKind.Text, text);
        conversation.AskForPerson();
        ctx.Say(conversation, MessageAuthor.System, null, MessageKind.Event, EventTexts.Offline);
        ctx.Audit("conversation.person_asked", "conversation", conversation.Id);
        ctx.Publish(Topics.Handover, visitorId);
        ctx.Publish(Topics.Conversation, visitorId);
    }

    private static async Task<Conversation> CurrentAsync(WorkspaceContext ctx, Guid visitorId, CancellationToken ct)
    {
        if (await ctx.LockCurrentAsync(visitorId, ct) is { } current)
        {
            return current;
        }
        if (!await ctx.ScalarAsync<bool>($"select exists (select from inbox.visitor where id = {visitorId})", ct))
        {
            throw new NotFoundException("visitor");
        }
        var conversation = new Conversation
        {
            Id = Guid.CreateVersion7(ctx.Now),
            VisitorId = visitorId,
            State = ConversationState.Pending,
            Mode = ConversationMode.Assistant,
            LastMessageAt = ctx.Now,
            CreatedAt = ctx.Now,
        };
        ctx.Db<InboxDb>().Add(conversation);
        return conversation;
    }
}
