using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Public;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Marketing;

/// <param name="Workspace">Whose news: the short name in the address of its public page.</param>
/// <param name="Language">Of the letters: en, de, fr, es or vi.</param>
internal sealed record MarketingWish(string? Workspace, string? Email, string? Language);

/// <param name="Next">What happens now: the same for every address.</param>
internal sealed record MarketingWishTaken(string Next);

internal static class MarketingEndpoints
{
    private const string Pages = "/privacy/news/";

    public static void MapMarketing(this IEndpointRouteBuilder app)
    {
        app.MapGroup("/api/privacy/marketing")
            .AllowAnonymous()
            .LimitedBy(RateGroup.SignIn)
            .WithTags("Marketing consent")
            .MapPost("", AskAsync)
            .RunsAgain("who asks twice within the hour gets one letter");
        var staff = app.MapGroup("/api/privacy/marketing").InWorkspace(Access.Admin).ForPeopleOnly().WithTags("Marketing consent");
        staff.MapGet("", ListAsync);
        staff.MapGet("/{id:guid}/proof", ProofAsync);
        staff.MapDelete("/{id:guid}", EndAsync);

        var forms = app.MapGroup("").AllowAnonymous().LimitedBy(RateGroup.SignIn).FromOwnPages().ExcludeFromDescription();
        forms.MapPost("/trust/{slug}/news", SendAsync);
        forms.MapPost("/privacy/news/{token}/confirmation", ConfirmAsync);
        forms.MapPost("/privacy/news/{token}/withdrawal", WithdrawAsync);
    }

    private static async Task<Accepted<MarketingWishTaken>> AskAsync(
        MarketingWish body,
        MarketingList list,
        WorkspaceDirectory directory,
        WorkspaceScope door,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        var slug = validation.Text("workspace", body.Workspace, 63);
        var email = validation.Email("email", body.Email);
        validation.Throw();
        var workspace = await FindAsync(directory, list, slug, ct) ?? throw new NotFoundException("workspace that keeps such a list");
        await door.RunAsync(workspace, Actor.System, ctx => list.AskAsync(ctx, email, body.Language, MarketingMethod.Api, ct), ct);
        return TypedResults.Accepted((string?)null, new MarketingWishTaken(RequestTexts.Of("en")["news.sent"]));
    }

    private static async Task<RedirectHttpResult> SendAsync(
        string slug,
        [FromForm] string? email,
        [FromForm] string? language,
        MarketingList list,
        WorkspaceDirectory directory,
        WorkspaceScope door,
        CancellationToken ct
    )
    {
        var workspace = await FindAsync(directory, list, slug, ct) ?? throw new NotFoundException("page");
        var page = $"/trust/{slug}/news?lang={RequestTexts.Of(language).Language}";
        try
        {
            var validation = new Validation();
            var address = validation.Email("email", email);
            validation.Throw();
            await door.RunAsync(workspace, Actor.System, ctx => list.AskAsync(ctx, address, language, MarketingMethod.Form, ct), ct);
        }
        catch (RuleException)
        {
            return TypedResults.Redirect(page + "&wrong=1");
        }
        catch (ConflictException)
        {
            return TypedResults.Redirect(page);
        }
        return TypedResults.Redirect(page + "&sent=1");
    }

    private static Task<RedirectHttpResult> ConfirmAsync(string token, WorkspaceScope door, MarketingList list, CancellationToken ct) =>
        LetterLink.FollowAsync(token, Pages, door, async (ctx, hash) => await list.ConfirmAsync(ctx, hash, ct), ct);

    private static Task<RedirectHttpResult> WithdrawAsync(string token, WorkspaceScope door, CancellationToken ct) =>
        LetterLink.FollowAsync(
            token,
            Pages,
            door,
            async (ctx, hash) => await MarketingList.WithdrawAsync(ctx, hash, ct) is { } language ? $"ended?lang={language}" : null,
            ct
        );

    private static async Task<Ok<PageOf<MarketingRow>>> ListAsync(
        WorkspaceContext ctx,
        CancellationToken ct,
        bool all = false,
        string? after = null,
        int limit = 50
    ) => TypedResults.Ok(await MarketingRows.PageAsync(ctx, all, after, limit, ct));

    private static async Task<JsonHttpResult<MarketingProof>> ProofAsync(
        HttpContext http,
        WorkspaceContext ctx,
        Guid id,
        CancellationToken ct
    )
    {
        var proof = await MarketingRows.ProofAsync(ctx, id, ct);
        ctx.Audit("marketing.proof_exported", "marketing_consent", id);
        http.Response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture,
            $"attachment; filename=\"marketing-consent-{id:N}.json\""
        );
        return TypedResults.Json(proof);
    }

    private static async Task<NoContent> EndAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await MarketingList.EndAsync(ctx, $"id = {id}", WithdrawnBy.Team, ct) > 0
            ? TypedResults.NoContent()
            : throw new NotFoundException("person on the list");

    private static async Task<Guid?> FindAsync(WorkspaceDirectory directory, MarketingList list, string slug, CancellationToken ct) =>
        slug.Length <= 63 && await directory.FindAsync(slug, ct) is { ClosedAt: null } workspace && await list.IsOpenAsync(workspace.Id, ct)
            ? workspace.Id
            : null;
}
