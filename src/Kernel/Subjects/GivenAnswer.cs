using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Subjects;

/// <summary>An answer that a machine gave to a person, who may ask that a person looks at it (Article 22(3) GDPR).</summary>
/// <param name="PersonId">To whom.</param>
/// <param name="Page">Where the team finds it, from the root: <c>/inbox/…</c>.</param>
public sealed record GivenAnswer(Guid TurnId, Guid PersonId, string? Question, string Text, DateTimeOffset At, string Page);

/// <summary>Finds an answer by its message's id or its turn's. The module in whose channel it was given knows; null when there is none.</summary>
public delegate Task<GivenAnswer?> FindAnswer(WorkspaceContext ctx, Guid id, CancellationToken ct);

/// <summary>A wish that a person looks at an answer, by whom it was given to.</summary>
/// <param name="Answer">The id of its message, or of its turn.</param>
/// <param name="Email">Where the outcome goes.</param>
public sealed record ReviewWish(Guid Answer, Guid PersonId, string Email, string? Details, string Language);

/// <summary>Takes the wish in. While one is open for the answer, another changes nothing.</summary>
public delegate Task AskForReview(WorkspaceContext ctx, ReviewWish wish, CancellationToken ct);

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
