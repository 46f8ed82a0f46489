namespace Tenet.Assistant;

public enum TurnSpeaker
{
    Visitor,
    Assistant,
    Member,
}

/// <summary>An earlier message of the conversation, oldest first in <see cref="TurnInput.History"/>.</summary>
public sealed record TurnMessage(TurnSpeaker From, string Text);

/// <summary>One message in. The pipeline reads it and stores nothing of it: the caller does, as its policy allows.</summary>
/// <param name="WorkspaceId">The tenant.</param>
/// <param name="TurnId">Unique per turn; unguessable, it also fences untrusted text in the prompt.</param>
/// <param name="Question">What the visitor wrote.</param>
/// <param name="History">Earlier messages of the same conversation, oldest first; only the last few are used.</param>
/// <param name="Language">BCP 47, e.g. "de-AT"; texts of our own exist in en, de, fr, es and vi, else English.</param>
/// <param name="PageUrl">The page the visitor is on, or null.</param>
public sealed record TurnInput(
    Guid WorkspaceId,
    Guid TurnId,
    string Question,
    IReadOnlyList<TurnMessage> History,
    string Language,
    string? PageUrl
);
