using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tenet.Kernel.Http;

namespace Tenet.Accounts;

/// <summary>Members by their session cookie. The cookie counts only in requests that our own pages make.</summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    Sessions sessions,
    IAntiforgery origin,
    OpenRequests open
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SessionCookie.Read(Request) is not { } tokenHash || !await origin.IsRequestValidAsync(Context) || IsForeign())
        {
            return AuthenticateResult.NoResult();
        }
        if (await sessions.FindAsync(tokenHash, Context.RequestAborted) is not { } found)
        {
            return AuthenticateResult.NoResult();
        }
        var caller = found.ToPrincipal(TimeProvider.GetUtcNow());
        open.Watch(Context, caller);
        return AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme.Name));
    }

    /// <summary>A page sends its reader to sign in; anything else answers 401.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (WantsPage())
        {
            var here = Request.Path + Request.QueryString;
            Response.Redirect("/sign-in" + (here is "/" ? "" : "?returnUrl=" + Uri.EscapeDataString(here)));
            return Task.CompletedTask;
        }
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        if (WantsPage() && Context.User.IsInRole(Access.ClosedOwner))
        {
            Response.Redirect("/closed");
            return Task.CompletedTask;
        }
        // The role may reach and only the fresh proof be missing: says so, and a page leads to where it is given.
        var asksForStepUp = Context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy is Access.StepUp);
        if (asksForStepUp != true || Access.IsSteppedUp(Context.User))
        {
            Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }
        if (WantsPage())
        {
            Response.Redirect("/sign-in/again?returnUrl=" + Uri.EscapeDataString(Request.Path + Request.QueryString));
            return Task.CompletedTask;
        }
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Refusals.WriteAsync(
            Context,
            "Confirm at /sign-in/again that it is you, then repeat this within ten minutes.",
            "tenet:step-up"
        );
    }

    private bool WantsPage() =>
        HttpMethods.IsGet(Request.Method)
        && !Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Browsers let any site open a WebSocket, and a GET passes the origin check.</summary>
    private bool IsForeign() =>
        Request.Headers.Origin.ToString() is { Length: > 0 } from
        && !(
            Uri.TryCreate(from, UriKind.Absolute, out var url)
            && url.Authority.Equals(Request.Host.Value, StringComparison.OrdinalIgnoreCase)
        );
}
