using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>The forms of the sign-in pages. Each answers with a redirect, so that reloading repeats nothing and no script is needed.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        var forms = app.MapGroup("").AllowAnonymous().LimitedBy(RateGroup.SignIn).AddEndpointFilter(OwnPagesOnlyAsync);
        forms.MapPost("/sign-in/links", AskForLinkAsync);
        // Answers with the limits in its headers and does nothing: by it a promise about them can be looked at.
        app.MapGet("/sign-in/limits", () => TypedResults.NoContent()).AllowAnonymous().LimitedBy(RateGroup.SignIn);
        forms.MapPost("/sign-in/sessions", RedeemAsync);
        forms.MapPost("/sign-out", SignOutAsync);
        forms.MapPost("/invitations/acceptances", AcceptAsync);
        app.MapPost("/sign-in/again/links", AskForOwnLinkAsync)
            .LimitedBy(RateGroup.SignIn)
            .RequireAuthorization(Access.Viewer)
            .AddEndpointFilter(OwnPagesOnlyAsync);
        app.MapPost("/session/workspace", SwitchAsync)
            .LimitedBy(RateGroup.Pages)
            .RequireAuthorization(Access.Viewer)
            .AddEndpointFilter(OwnPagesOnlyAsync);
    }

    private static async Task<SeeOther> AskForLinkAsync(
        HttpContext http,
        [FromForm] string? email,
        [FromForm] string? returnUrl,
        SignInLetters letters,
        PublicAddress address,
        CancellationToken ct
    )
    {
        var path = LocalPath.Of(returnUrl);
        var validation = new Validation();
        var to = validation.Email("email", email);
        try
        {
            validation.Throw();
        }
        catch (RuleException)
        {
            return SignInPage("email", path);
        }
        var browser = SessionCookie.ReadOrBegin(http, address.IsSecure);
        var request = new SignInRequest(to, browser, path, address.For(http.Request));
        return await letters.TryAskAsync(request, http.Connection.RemoteIpAddress?.ToString(), ct)
            ? new SeeOther("/sign-in/sent")
            : SignInPage("too-many", path);
    }

    /// <summary>A fresh link to the caller's own address, for what asks anew who it is.</summary>
    private static async Task<SeeOther> AskForOwnLinkAsync(
        HttpContext http,
        [FromForm] string? returnUrl,
        SignInLetters letters,
        PublicAddress address,
        WorkspaceScope door,
        CancellationToken ct
    )
    {
        var (workspaceId, actor) = http.Caller();
        var email = await door.RunAsync(workspaceId, actor, async ctx => (await Members.FindAsync(ctx, actor.MemberId, ct))!.Email, ct);
        var path = LocalPath.Of(returnUrl);
        var browser = SessionCookie.ReadOrBegin(http, address.IsSecure);
        var request = new SignInRequest(email, browser, path, address.For(http.Request));
        return await letters.TryAskAsync(request, http.Connection.RemoteIpAddress?.ToString(), ct)
            ? new SeeOther("/sign-in/sent")
            : new SeeOther("/sign-in/again?notice=too-many&returnUrl=" + Uri.EscapeDataString(path));
    }

    private static async Task<SeeOther> RedeemAsync(
        HttpContext http,
        [FromForm] string? token,
        SignInLinks links,
        Lifetimes lifetimes,
        PublicAddress address,
        CancellationToken ct
    )
    {
        var redeemed = await links.RedeemAsync(token ?? "", SessionCookie.Read(http.Request), Caller.Of(http), ct);
        if (redeemed.Session is not { } session)
        {
            return SignInPage(NoticeOf(redeemed.Outcome), "/");
        }
        SessionCookie.Write(http, session.Token, await lifetimes.OfCookieAsync(ct), address.IsSecure);
        return new SeeOther(session.Next(redeemed.ReturnPath));
    }

    private static async Task<SeeOther> SignOutAsync(HttpContext http, Sessions sessions, PublicAddress address, CancellationToken ct)
    {
        if (SessionCookie.Read(http.Request) is { } tokenHash)
        {
            await sessions.EndAsync(tokenHash, ct);
        }
        SessionCookie.Remove(http, address.IsSecure);
        return SignInPage("signed-out", "/");
    }

    private static async Task<SeeOther> SwitchAsync(HttpContext http, [FromForm] Guid workspaceId, Sessions sessions, CancellationToken ct)
    {
        var state = await sessions.SwitchAsync(SessionCookie.Read(http.Request)!, workspaceId, ct);
        return new SeeOther(PendingSignIn.Next(state, "/"));
    }

    private static async Task<SeeOther> AcceptAsync(
        HttpContext http,
        [FromForm] string? token,
        [FromForm] string? name,
        AcceptInvitation acceptance,
        Lifetimes lifetimes,
        PublicAddress address,
        CancellationToken ct
    )
    {
        try
        {
            var session = await acceptance.RunAsync(token, name, Caller.Of(http), ct);
            SessionCookie.Write(http, session.Token, await lifetimes.OfCookieAsync(ct), address.IsSecure);
            return new SeeOther(session.Next("/"));
        }
        catch (RuleException)
        {
            return new SeeOther($"/invitations/{Uri.EscapeDataString(token ?? "")}?notice=name");
        }
        catch (NotFoundException)
        {
            return new SeeOther("/invitations/gone");
        }
    }

    private static string NoticeOf(Redemption outcome) =>
        outcome switch
        {
            Redemption.OtherBrowser => "other-browser",
            Redemption.Used => "used",
            Redemption.NoWorkspace => "no-workspace",
            _ => "expired",
        };

    private static SeeOther SignInPage(string notice, string path) =>
        new($"/sign-in?notice={notice}" + (path is "/" ? "" : "&returnUrl=" + Uri.EscapeDataString(path)));

    /// <summary>A form that another site posts is refused before it is looked at.</summary>
    internal static async ValueTask<object?> OwnPagesOnlyAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        return await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http)
            ? await next(invocation)
            : TypedResults.Problem("The form was sent by another site. Open the page itself and send it from there.", statusCode: 400);
    }
}

/// <summary>303: go on there with a GET.</summary>
internal sealed class SeeOther(string path) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = path;
        httpContext.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
