using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Public;

namespace Tenet.Privacy.Requests;

/// <summary>The forms of the public pages: they need no script and answer with a redirect, so that reloading repeats nothing.</summary>
internal static class RequestForms
{
    public static void MapRequestForms(this IEndpointRouteBuilder app)
    {
        var forms = app.MapGroup("").AllowAnonymous().LimitedBy(RateGroup.SignIn).FromOwnPages().ExcludeFromDescription();
        forms.MapPost("/trust/{slug}/requests", SendAsync);
        forms.MapPost("/privacy/requests/{token}/confirmation", ConfirmAsync);
        forms.MapPost("/privacy/requests/{token}/answer", AnswerAsync);
        forms.MapPost("/privacy/requests/{token}/withdrawal", WithdrawAsync);
    }

    private static async Task<RedirectHttpResult> SendAsync(
        string slug,
        [FromForm] string? kind,
        [FromForm] string? email,
        [FromForm] string? name,
        [FromForm] string? details,
        [FromForm] string? language,
        WorkspaceDirectory directory,
        RequestReception reception,
        CancellationToken ct
    )
    {
        if (slug.Length > 63 || await directory.FindAsync(slug, ct) is not { ClosedAt: null } workspace)
        {
            throw new NotFoundException("page");
        }
        var regime = (kind ?? "").StartsWith("ccpa.", StringComparison.Ordinal) ? RequestRegime.Ccpa : RequestRegime.Gdpr;
        var page = $"/trust/{slug}/requests?lang={RequestTexts.Of(language).Language}";
        try
        {
            var asked = (kind ?? "").Split('.')[^1];
            await reception.SubmitAsync(workspace.Id, new NewRequest(slug, asked, email, name, details, language), regime, ct);
        }
        catch (RuleException rule)
        {
            return TypedResults.Redirect(
                $"{page}&wrong={Uri.EscapeDataString(string.Join(',', rule.Errors.Keys.Order(StringComparer.Ordinal)))}"
            );
        }
        return TypedResults.Redirect(page + "&sent=1");
    }

    private static Task<RedirectHttpResult> ConfirmAsync(string token, WorkspaceScope door, AnswerLink links, CancellationToken ct) =>
        LetterLink.FollowAsync(token, "/privacy/requests/", door, async (ctx, hash) => await links.ConfirmAsync(ctx, hash, ct), ct);

    private static Task<RedirectHttpResult> AnswerAsync(
        string token,
        [FromForm] string? answer,
        WorkspaceScope door,
        AnswerLink links,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        var said = validation.Text("answer", answer, 4_000);
        validation.Throw();
        return DoAsync(token, door, (ctx, hash) => links.AnswerAsync(ctx, hash, said, ct), ct);
    }

    private static Task<RedirectHttpResult> WithdrawAsync(string token, WorkspaceScope door, AnswerLink links, CancellationToken ct) =>
        DoAsync(token, door, (ctx, hash) => links.WithdrawAsync(ctx, hash, ct), ct);

    private static async Task<RedirectHttpResult> DoAsync(
        string token,
        WorkspaceScope door,
        Func<WorkspaceContext, byte[], Task> work,
        CancellationToken ct
    )
    {
        var link = RequestLetters.Read(token) ?? throw new NotFoundException("request behind this link");
        await door.RunAsync(link.Workspace, Actor.System, ctx => work(ctx, link.Hash), ct);
        return TypedResults.Redirect("/privacy/requests/" + token);
    }
}
