using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Consents;

/// <summary>What the banner needs.</summary>
/// <param name="Notice">Names the texts; to be sent back with the choice.</param>
/// <param name="RenewBefore">Who agreed before this moment is asked again: what they agreed to has changed since. Null when nothing has.</param>
internal sealed record ConsentBanner(
    string Name,
    string Color,
    string Theme,
    string Language,
    string? PrivacyUrl,
    string Notice,
    IReadOnlyDictionary<string, string> Texts,
    DateTimeOffset? RenewBefore
);

internal sealed record ConsentChoices(bool Analytics, bool Preferences);

/// <param name="Site">The key of the website, as its pages have it.</param>
/// <param name="Person">What an earlier receipt said; null at the first time.</param>
/// <param name="Method"><c>accept_all</c>, <c>reject_all</c>, <c>preferences</c>, <c>withdrawal</c> or <c>signal</c>.</param>
internal sealed record NewConsent(string? Site, Guid? Person, string? Notice, string? Language, string? Method, ConsentChoices? Choices);

/// <summary>The person's own proof of what they chose.</summary>
/// <param name="Controller">Whose website it is.</param>
/// <param name="ValidUntil">Then they are asked anew.</param>
internal sealed record ConsentReceipt(
    Guid Id,
    Guid Person,
    string Controller,
    ConsentChoices Choices,
    string Method,
    string Signal,
    string Notice,
    string Language,
    DateTimeOffset At,
    DateTimeOffset ValidUntil
);

internal static class ConsentEndpoints
{
    private static readonly IReadOnlyCollection<string> Methods = [.. Enum.GetValues<ConsentMethod>().Select(SqlValue.Text)];

    public static void MapConsents(this IEndpointRouteBuilder app)
    {
        // 1. a limit per address; 2. nobody is signed in; 3. the site's key names the workspace, and the origin must be one of its own.
        var open = app.MapGroup("/api/privacy").AllowAnonymous().LimitedBy(RateGroup.Widget).WithTags("Consent");
        open.MapGet("/consent/{key}", BannerAsync);
        open.MapPost("/consent", GiveAsync).RunsAgain("the same choice said twice is the same choice; the latest counts");

        var staff = app.MapGroup("/api/privacy/consents").InWorkspace(Access.Admin).ForPeopleOnly().WithTags("Consent");
        staff.MapGet("", ListAsync);
        staff.MapGet("/{id:guid}/proof", ProofAsync);
    }

    private static async Task<Results<Ok<ConsentBanner>, ProblemHttpResult>> BannerAsync(
        HttpContext http,
        string key,
        FindEmbedSite find,
        WorkspaceScope door,
        CancellationToken ct,
        string? language = null
    )
    {
        var site = await find(key, ct);
        if (!site.Allows(http.Request))
        {
            return Stranger();
        }
        http.LetOriginRead();
        var texts = ConsentTexts.Of(language, site.Language);
        var due = await door.RunAsync(site.WorkspaceId, Actor.System, ctx => ConsentRenewals.DueAsync(ctx, ct), ct);
        return TypedResults.Ok(
            new ConsentBanner(
                site.Name,
                site.Color,
                site.Theme,
                texts.Language,
                site.PrivacyUrl,
                texts.Version,
                texts.Texts,
                due == DateTimeOffset.MinValue ? null : due
            )
        );
    }

    private static async Task<Results<Created<ConsentReceipt>, ProblemHttpResult>> GiveAsync(
        HttpContext http,
        NewConsent body,
        FindEmbedSite find,
        WorkspaceScope door,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        var key = validation.Text("site", body.Site, 64);
        validation.OneOf("method", body.Method, Methods);
        validation.Throw();
        var site = await find(key, ct);
        if (!site.Allows(http.Request))
        {
            return Stranger();
        }
        http.LetOriginRead();
        var wish = new ConsentWish(
            body.Person,
            GiveConsent.Shown(body.Language, body.Notice),
            SqlValue.Enum<ConsentMethod>(body.Method!),
            body.Choices?.Analytics ?? body.Method == "accept_all",
            body.Choices?.Preferences ?? body.Method == "accept_all",
            GiveConsent.SignalOf(http.Request.Headers),
            Uri.TryCreate(http.Request.Headers.Origin, UriKind.Absolute, out var origin) ? origin.GetLeftPart(UriPartial.Authority) : null
        );
        var (consent, renewal) = await door.RunAsync(
            site.WorkspaceId,
            Actor.System,
            async ctx => (await GiveConsent.RunAsync(ctx, wish, ct), await ConsentRenewals.NextAsync(ctx, ct)),
            ct
        );
        var validUntil = consent.At.AddMonths(GiveConsent.ValidMonths);
        return TypedResults.Created(
            (string?)null,
            new ConsentReceipt(
                consent.Id,
                consent.Person,
                site.Name,
                new ConsentChoices(consent.Analytics, consent.Preferences),
                SqlValue.Text(consent.Method),
                SqlValue.Text(consent.Signal),
                wish.Shown.Version,
                wish.Shown.Language,
                consent.At,
                renewal < validUntil && (consent.Analytics || consent.Preferences) ? renewal.Value : validUntil
            )
        );
    }

    private static async Task<Ok<PageOf<ConsentRow>>> ListAsync(
        WorkspaceContext ctx,
        CancellationToken ct,
        string? after = null,
        int limit = 50
    ) => TypedResults.Ok(await ConsentList.PageAsync(ctx, after, limit, ct));

    /// <summary>A file to hand to an authority: every record of the person and the very texts they were shown.</summary>
    private static async Task<JsonHttpResult<ConsentProof>> ProofAsync(
        HttpContext http,
        WorkspaceContext ctx,
        Guid id,
        CancellationToken ct
    )
    {
        var proof = await ConsentProof.OfAsync(ctx, id, ct);
        ctx.Audit("consent.proof_exported", "workspace", ctx.WorkspaceId, new { records = proof.Records.Count });
        http.Response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture,
            $"attachment; filename=\"consent-{id:N}.json\""
        );
        return TypedResults.Json(proof);
    }

    private static ProblemHttpResult Stranger() =>
        TypedResults.Problem(
            "This website is not on the list of allowed origins. Its owner adds it in the console, at Widget.",
            statusCode: StatusCodes.Status403Forbidden
        );
}
