namespace Tenet.Assistant;

public enum TurnState
{
    Answered,
    NotFound,
    HandedOff,
    Failed,
    OverBudget,

    /// <summary>A person took the conversation before the answer was there. No outcome has this state: the caller gives it.</summary>
    Abandoned,
}

/// <summary>
/// What a running turn reports, in order. The deltas since the last <see cref="TurnRestart"/>, put together, are the text of the
/// one <see cref="TurnCompleted"/> that ends the run. A cancelled run throws and completes nothing.
/// </summary>
public abstract record TurnUpdate
{
    private protected TurnUpdate() { }
}

/// <param name="Line">"searching", "reading" or "writing".</param>
public sealed record TurnStatus(string Line) : TurnUpdate;

public sealed record TurnDelta(string Text) : TurnUpdate;

/// <summary>Something the visitor should know beside the answer, e.g. that the model failed and the pages answer instead.</summary>
/// <param name="Code">Stable, e.g. "rateLimited"; see <see cref="ModelFault"/>.</param>
/// <param name="Text">In the visitor's language.</param>
public sealed record TurnNotice(string Code, string Text) : TurnUpdate;

/// <summary>Discard the deltas so far: what follows is another answer.</summary>
public sealed record TurnRestart : TurnUpdate;

public sealed record TurnCompleted(TurnOutcome Outcome) : TurnUpdate;

/// <param name="State">How the turn ended.</param>
/// <param name="Text">Markdown. [1], [2] are numbers of <paramref name="Citations"/>, and no others occur.</param>
/// <param name="Citations">What the text cites, by number.</param>
/// <param name="Receipt">What left, to whom, and what it took.</param>
public sealed record TurnOutcome(TurnState State, string Text, IReadOnlyList<Citation> Citations, Receipt Receipt);

public sealed record Citation(int Number, string Title, string Heading, string Url, Guid ChunkId);
