using Tenet.Kernel.Http;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>Which answer of the assistant a request for human review is about, and what came of it.</summary>
internal static class ReviewedAnswers
{
    /// <summary>From one visitor in a day: each is a letter to an address that the visitor only says is theirs.</summary>
    private const int MostADay = 5;

    /// <param name="answer">The id of the assistant's message, or of its turn.</param>
    /// <param name="person">To whom it has to have been given; null when the team names it.</param>
    /// <returns>The turn.</returns>
    /// <exception cref="RuleException">There is no such answer, or it was given to somebody else: both the same.</exception>
    public static async Task<Guid> TurnOfAsync(
        WorkspaceContext ctx,
        FindAnswer find,
        RequestKind kind,
        Guid answer,
        Guid? person,
        CancellationToken ct
    )
    {
        if (kind is not RequestKind.HumanReview)
        {
            throw new RuleException("answer", "Only a request for human review is about an answer. Leave it out.");
        }
        return await find(ctx, answer, ct) is { } given && (person is null || given.PersonId == person)
            ? given.TurnId
            : throw new RuleException("answer", "There is no such answer of the assistant in this conversation.");
    }

    /// <summary>From the chat in which the answer was given.</summary>
    /// <exception cref="TooManyRequestsException">Too much was asked in this chat, or with this address, today.</exception>
    public static async Task AskAsync(WorkspaceContext ctx, FindAnswer find, SubmitRequest submit, ReviewWish wish, CancellationToken ct)
    {
        var turn = await TurnOfAsync(ctx, find, RequestKind.HumanReview, wish.Answer, wish.PersonId, ct);
        // Two at once are counted one after the other.
        await ctx.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended({"review " + turn.ToString("N")}, 0))", ct);
        if (await ctx.ScalarAsync<bool>($"select exists (select from privacy.request where turn_id = {turn} and closed_at is null)", ct))
        {
            return;
        }
        var today = await ctx.ScalarAsync<long>(
            $"select count(*) from privacy.request where person_id = {wish.PersonId} and received_at > {ctx.Now.AddDays(-1)}",
            ct
        );
        if (today >= MostADay)
        {
            throw new TooManyRequestsException("Too much was asked in this chat today. Try again tomorrow, or write to us.");
        }
        await submit.RunAsync(
            ctx,
            new RequestWish(
                RequestRegime.Gdpr,
                RequestKind.HumanReview,
                RequestSource.Widget,
                wish.Email,
                null,
                wish.Details,
                wish.Language,
                RequestIdentity.Widget,
                wish.PersonId,
                wish.Answer
            ),
            ct
        );
    }

    public static Task<List<AnswerReview>> OfTurnsAsync(WorkspaceContext ctx, Guid[] turns, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select id, turn_id, state, answer, received_at, closed_at from privacy.request
             where turn_id = any({turns}) order by received_at, id
            """,
            row => new AnswerReview(
                row.GetGuid(0),
                row.GetGuid(1),
                row.GetString(2),
                row.TextOrNull(3),
                row.GetFieldValue<DateTimeOffset>(4),
                row.ValueOrNull<DateTimeOffset>(5)
            ),
            ct
        );
}
