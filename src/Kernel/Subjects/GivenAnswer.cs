using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Subjects;

/// <summary>An answer that a machine gave to a person, who may ask that a person looks at it (Article 22(3) GDPR).</summary>
/// <param name="PersonId">To whom.</param>
/// <param name="Page">Where the team finds it, from the root: <c>/inbox/…</c>.</param>
public sealed record GivenAnswer(Guid TurnId, Guid PersonId, string? Question, string Text, DateTimeOffset At, string Page);

/// <summary>Finds an answer by its message's id or its turn's. The module in whose channel it was given knows; null when there is none.</summary>
public delegate Task<GivenAnswer?> FindAnswer(WorkspaceContext ctx, Guid id, CancellationToken ct);

/// <summary>What became of a wish that a person looks at an answer.</summary>
/// <param name="Outcome">What the person was told; null while it is open.</param>
public sealed record AnswerReview(
    Guid RequestId,
    Guid TurnId,
    string State,
    string? Outcome,
    DateTimeOffset AskedAt,
    DateTimeOffset? ClosedAt
);

/// <summary>The reviews of some turns, oldest first.</summary>
public delegate Task<List<AnswerReview>> ReviewsOfAnswers(WorkspaceContext ctx, Guid[] turns, CancellationToken ct);
