using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

internal static class SayInConversation
{
    /// <summary>Appends a message to a conversation whose row this transaction holds.</summary>
    public static Message Say(
        this WorkspaceContext ctx,
        Conversation conversation,
        MessageAuthor author,
        Guid? authorId,
        MessageKind kind,
        string text
    )
    {
        var message = new Message
        {
            ConversationId = conversation.Id,
            Seq = conversation.Append(text, visible: kind == MessageKind.Text, ctx.Now),
            Id = Guid.CreateVersion7(ctx.Now),
            Author = author,
            AuthorId = authorId,
            Kind = kind,
            Text = text,
            At = ctx.Now,
        };
        ctx.Db<InboxDb>().Add(message);
        return message;
    }
}
