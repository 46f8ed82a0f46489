using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>What somebody asks for, as it came in.</summary>
/// <param name="Identity">What is proven already: nothing, unless they asked from the chat or from their account.</param>
/// <param name="PersonId">The row of the person who asked from there.</param>
/// <param name="Disputed">For a human review: the assistant's message, or its turn, that a person should look at.</param>
internal sealed record RequestWish(
    RequestRegime Regime,
    RequestKind Kind,
    RequestSource Source,
    string? Email,
    string? Name,
    string? Details,
    string Language,
    RequestIdentity Identity = RequestIdentity.None,
    Guid? PersonId = null,
    Guid? Disputed = null
);

/// <summary>
/// Takes a request in. Whether anybody is known by the address is not looked at: the answer, its time and the letter are the same for all.
/// </summary>
internal sealed class SubmitRequest(RequestClocks clocks, RequestLetters letters, PolicyBook book, FindAnswer answers)
{
    /// <summary>From one address in a day; more would be letters that nobody asked for.</summary>
    private const int MostADay = 5;

    /// <summary>Open at once in a workspace and not confirmed: beyond it, somebody fills the board on purpose.</summary>
    private const int MostUnconfirmed = 5_000;

    /// <exception cref="TooManyRequestsException">Too much was asked with this address today.</exception>
    public async Task<PrivacyRequest> RunAsync(WorkspaceContext ctx, RequestWish wish, CancellationToken ct)
    {
        if (!RightsApi.OfferedBy(await book.OfAsync(ctx.WorkspaceId, ct)).Contains(wish.Kind))
        {
            throw new RuleException(
                "kind",
                "This right is of the law of California, under which this workspace does not work. Ask by the GDPR's."
            );
        }
        Guid? turn = wish.Disputed is { } disputed
            ? await ReviewedAnswers.TurnOfAsync(ctx, answers, wish.Kind, disputed, wish.PersonId, ct)
            : null;
        await LimitAsync(ctx, wish, ct);
        var ends = await clocks.OfAsync(ctx, wish.Regime, wish.Kind, ctx.Now, ct);
        var since = await clocks.FreeSinceAsync(ctx, wish.Regime, wish.Kind, ct);
        var request = PrivacyRequest.Receive(
            new PrivacyRequest
            {
                Id = Guid.CreateVersion7(ctx.Now),
                Regime = wish.Regime,
                Kind = wish.Kind,
                Source = wish.Source,
                Email = wish.Email,
                Name = wish.Name,
                Details = wish.Details,
                PersonId = wish.PersonId,
                TurnId = turn,
                Language = RequestTexts.Of(wish.Language).Language,
                ReceivedAt = ctx.Now,
                AcknowledgeBy = ends.AcknowledgeBy,
                RespondBy = ends.RespondBy,
                Repeated =
                    wish.Email is not null
                    && await ctx.Db<PrivacyDb>()
                        .Requests.AnyAsync(
                            earlier =>
                                earlier.Email == wish.Email
                                && earlier.Kind == wish.Kind
                                && earlier.State == RequestState.Done
                                && earlier.ClosedAt > since,
                            ct
                        ),
            },
            ends.DueAt
        );
        ctx.Db<PrivacyDb>().Add(request);
        ctx.Step(request, "received");
        await AcknowledgeAsync(ctx, request, wish.Identity, ct);
        return request;
    }

    private async Task AcknowledgeAsync(WorkspaceContext ctx, PrivacyRequest request, RequestIdentity identity, CancellationToken ct)
    {
        var workspace = await WorkspaceName.OfAsync(ctx, ct);
        // To stop a sale takes no proof of who asks (11 CCR 7026(d), 7027(e)).
        if (identity is not RequestIdentity.None || request.Kind is RequestKind.OptOut or RequestKind.Limit)
        {
            request.Verify(identity, ctx.Now);
            ctx.Step(request, "verified");
            letters.Received(ctx, workspace, request);
        }
        else if (request.Email is not null)
        {
            request.SendLink();
            letters.Confirm(ctx, workspace, request);
        }
        request.AcknowledgedAt = ctx.Now;
    }

    private static async Task LimitAsync(WorkspaceContext ctx, RequestWish wish, CancellationToken ct)
    {
        if (wish.Source is RequestSource.Email)
        {
            return;
        }
        // Two at once are counted one after the other.
        await ctx.ExecuteAsync(
            $"select pg_advisory_xact_lock(hashtextextended({"request " + ctx.WorkspaceId.ToString("N") + wish.Email}, 0))",
            ct
        );
        var today = await ctx.ScalarAsync<long>(
            $"select count(*) from privacy.request where email = {wish.Email} and received_at > {ctx.Now.AddDays(-1)}",
            ct
        );
        if (today >= MostADay)
        {
            throw new TooManyRequestsException("Too much was asked with this address today. Try again tomorrow, or write to us.");
        }
        var open = await ctx.ScalarAsync<long>(
            $"select count(*) from (select from privacy.request where closed_at is null and state = 'verifying' and received_at > {ctx.Now.AddDays(-1)} limit {MostUnconfirmed}) waiting",
            ct
        );
        if (open >= MostUnconfirmed)
        {
            throw new TooManyRequestsException(
                "More requests came today than can be taken by this form. Try again tomorrow, or write to us."
            );
        }
    }
}

internal static class WorkspaceName
{
    public static async Task<string> OfAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await ctx.ScalarAsync<string>($"select name from kernel.workspace", ct) ?? "";
}
