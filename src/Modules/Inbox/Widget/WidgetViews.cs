using Tenet.Assistant;
using Tenet.Inbox.Answers;

namespace Tenet.Inbox.Widget;

/// <summary>How the chat looks on the page.</summary>
/// <param name="Age">What is asked before the first message, by language; null when nothing is.</param>
internal sealed record WidgetConfig(
    string Name,
    string Color,
    string Position,
    string Greeting,
    string Language,
    string Theme,
    bool AgentsOnline,
    int KeepDays,
    string? PrivacyUrl,
    IReadOnlyList<string> QuickQuestions,
    IReadOnlyDictionary<string, AgeQuestion>? Age
);

internal sealed record PageView(string Url, string? Title);

internal sealed record CitationView(int Number, string Title, string Heading, string Url)
{
    public static CitationView Of(Citation citation) => new(citation.Number, citation.Title, citation.Heading, citation.Url);
}

/// <summary>A message as the visitor sees it; notes have no such view.</summary>
internal sealed record MessageView(
    Guid Id,
    Guid? ClientId,
    long Seq,
    MessageAuthor From,
    string? Author,
    string Text,
    IReadOnlyList<CitationView> Citations,
    DateTimeOffset At,
    Guid? TurnId,
    TurnState? State,
    bool? Helpful,
    MessageKind Kind
)
{
    /// <returns>Null when the message is not for the visitor's eyes.</returns>
    public static MessageView? Of(Message message, string? author, string language)
    {
        var text = message.Kind switch
        {
            MessageKind.Text => message.Text,
            MessageKind.Event => EventTexts.ForVisitor(message.Text, language),
            _ => null,
        };
        return text is null
            ? null
            : new MessageView(
                message.Id,
                message.ClientId,
                message.Seq,
                message.Author,
                author,
                text,
                [.. message.CitationList.Select(CitationView.Of)],
                message.At,
                message.TurnId,
                message.TurnState,
                message.Helpful,
                message.Kind
            );
    }
}

internal sealed record AssigneeView(string Name);

internal sealed record TurnView(Guid TurnId, string Text, string Status)
{
    public static TurnView? Of(LiveTurn? turn) => turn is null ? null : new TurnView(turn.TurnId, turn.Text, turn.Line);
}

internal sealed record ConversationView(
    Guid Id,
    ConversationState State,
    ConversationMode Mode,
    AssigneeView? Assignee,
    bool AgentsOnline,
    string LastEventId,
    IReadOnlyList<MessageView> Messages,
    TurnView? Turn
);

internal sealed record StateView(
    Guid ConversationId,
    ConversationState State,
    ConversationMode Mode,
    AssigneeView? Assignee,
    bool AgentsOnline
);
