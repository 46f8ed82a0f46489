using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;

namespace Tenet.Accounts.Factors;

/// <summary>Between the script of our pages and <see cref="Passkeys"/>: what to ask the authenticator, and what it answered.</summary>
internal static class PasskeyEndpoints
{
    private const int MaxAnswer = 20_000;

    public static void MapPasskeys(this IEndpointRouteBuilder app)
    {
        var signIn = app.MapGroup("/sign-in/passkeys")
            .AllowAnonymous()
            .LimitedBy(RateGroup.SignIn)
            .AddEndpointFilter(SignInEndpoints.OwnPagesOnlyAsync);
        signIn.MapPost("/options", AskAsync);
        signIn.MapPost("", VerifyAsync);
        var own = app.MapGroup("/account/passkeys")
            .RequireAuthorization(Access.Viewer)
            .RequireAuthorization(Access.StepUp)
            .LimitedBy(RateGroup.SignIn)
            .AddEndpointFilter(SignInEndpoints.OwnPagesOnlyAsync);
        own.MapPost("/options", BeginAddAsync);
        own.MapPost("", AddAsync);
    }

    /// <summary>Asks for a passkey of whoever this browser has begun to sign in as or is signed in as; else of anybody.</summary>
    private static async Task<ContentHttpResult> AskAsync(
        HttpContext http,
        PasskeySignIn signIn,
        Passkeys passkeys,
        PublicAddress address,
        CancellationToken ct
    )
    {
        var browser = SessionCookie.ReadOrBegin(http, address.IsSecure);
        var who = await signIn.WhoAsync(browser, ct);
        return Json(http, await passkeys.BeginVerifyAsync(http, who, browser, ct));
    }

    private static async Task<SeeOther> VerifyAsync(
        HttpContext http,
        [FromForm] string? credential,
        [FromForm] string? returnUrl,
        PasskeySignIn signIn,
        Lifetimes lifetimes,
        PublicAddress address,
        CancellationToken ct
    )
    {
        var path = LocalPath.Of(returnUrl);
        if (SessionCookie.Read(http.Request) is not { } browser || credential is not { Length: > 0 and <= MaxAnswer })
        {
            return new SeeOther("/sign-in?notice=passkey");
        }
        var outcome = await signIn.RunAsync(http, browser, credential, Caller.Of(http), ct);
        if (outcome.Token is { } token)
        {
            SessionCookie.Write(http, token, await lifetimes.OfCookieAsync(ct), address.IsSecure);
        }
        return outcome.Accepted
            ? new SeeOther(path)
            : new SeeOther($"{outcome.Page}?notice=passkey" + (path is "/" ? "" : "&returnUrl=" + Uri.EscapeDataString(path)));
    }

    private static async Task<ContentHttpResult> BeginAddAsync(HttpContext http, Sessions sessions, Passkeys passkeys, CancellationToken ct)
    {
        var (browser, session) = await OwnAsync(http, sessions, ct);
        return Json(http, await passkeys.BeginAddAsync(http, session.LoginId, browser, ct));
    }

    private static async Task<NoContent> AddAsync(
        HttpContext http,
        [FromForm] string? credential,
        [FromForm] string? name,
        Sessions sessions,
        FactorChanges changes,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        var called = validation.Text("name", name, 100);
        validation.Check(credential is { Length: > 0 and <= MaxAnswer }, "credential", "The passkey's answer is missing or too long.");
        validation.Throw();
        var (browser, session) = await OwnAsync(http, sessions, ct);
        await changes.AddPasskeyAsync(http, session, browser, credential!, called, ct);
        return TypedResults.NoContent();
    }

    private static async Task<(byte[] Browser, SignedIn Session)> OwnAsync(HttpContext http, Sessions sessions, CancellationToken ct) =>
        SessionCookie.Read(http.Request) is { } browser && await sessions.FindAsync(browser, ct) is { } session
            ? (browser, session)
            : throw new NotFoundException("session");

    private static ContentHttpResult Json(HttpContext http, string options)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(options, "application/json");
    }
}
