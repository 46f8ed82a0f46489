using Tenet.Assistant;

namespace Tenet.Inbox.Answers;

/// <summary>What the readers of one conversation are told while it happens.</summary>
internal abstract record FeedItem;

internal sealed record MessagePosted(Message Message) : FeedItem;

/// <summary>Something was committed that this item does not carry: read again from the database.</summary>
internal sealed record ConversationChanged : FeedItem;

internal sealed record TurnProgress(Guid TurnId, string Line) : FeedItem;

/// <param name="Offset">Characters of the answer before this piece; 0 discards what a reader has.</param>
internal sealed record AnswerDelta(Guid TurnId, int Offset, string Text) : FeedItem;

internal sealed record AnswerNotice(Guid TurnId, string Code, string Text) : FeedItem;

/// <summary>The turn is no longer under way, however it ended.</summary>
internal sealed record TurnEnded(Guid TurnId) : FeedItem;

internal sealed record MemberTyping(string Name) : FeedItem;

/// <summary>A turn as far as it has come.</summary>
public sealed record LiveTurn(Guid TurnId, string Text, string Line)
{
    public static LiveTurn Begin(Guid turnId) => new(turnId, "", "searching");

    /// <summary>What is under way after an item, for a reader who shows one conversation.</summary>
    internal static LiveTurn? Follow(LiveTurn? live, FeedItem item) =>
        item switch
        {
            TurnProgress progress => (live ?? Begin(progress.TurnId)).Apply(item),
            AnswerDelta delta => (live ?? Begin(delta.TurnId)).Apply(item),
            MessagePosted { Message: { Author: MessageAuthor.Assistant, TurnId: { } id } } when live?.TurnId == id => null,
            TurnEnded ended when live?.TurnId == ended.TurnId => null,
            _ => live,
        };

    internal LiveTurn Apply(FeedItem item) =>
        item switch
        {
            TurnProgress progress => this with { Line = progress.Line },
            AnswerDelta delta => this with { Text = string.Concat(Text.AsSpan(0, Math.Min(delta.Offset, Text.Length)), delta.Text) },
            _ => this,
        };
}
