using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Tenet.Accounts.Pages;
using Tenet.Kernel.Http.Arrival;
using Tenet.Kernel.Http.Limits;

namespace Tenet.Accounts.Factors;

/// <summary>The forms of the pages that ask for a second factor. The session whose cookie comes along says what it waits for.</summary>
internal static class SecondFactorEndpoints
{
    public static void MapSecondFactors(this IEndpointRouteBuilder app)
    {
        var forms = app.MapGroup("/sign-in")
            .AllowAnonymous()
            .LimitedBy(RateGroup.SignIn)
            .AddEndpointFilter(SignInEndpoints.OwnPagesOnlyAsync);
        forms.MapPost("/second-factor/codes", CheckAsync);
        forms.MapPost("/set-up/codes", SetUpAsync).WithOwnFiles();
    }

    /// <summary>Finishes a sign-in that waits for its second factor, or confirms who is behind a session that is open.</summary>
    private static async Task<SeeOther> CheckAsync(
        HttpContext http,
        [FromForm] string? code,
        [FromForm] string? returnUrl,
        PendingSignIns pendings,
        Sessions sessions,
        SignInSteps steps,
        Lifetimes lifetimes,
        PublicAddress address,
        CancellationToken ct
    )
    {
        var path = LocalPath.Of(returnUrl);
        var cookie = SessionCookie.Read(http.Request);
        if (await pendings.FindAsync(cookie, ct) is { State: SessionState.SecondFactor } pending)
        {
            var outcome = await steps.FinishAsync(pending, code, ct);
            if (outcome.Token is { } token)
            {
                SessionCookie.Write(http, token, await lifetimes.OfCookieAsync(ct), address.IsSecure);
                return new SeeOther(path);
            }
            return Back("/sign-in/second-factor", outcome.Result, path);
        }
        if (cookie is not null && await sessions.FindAsync(cookie, ct) is { } session)
        {
            var result = await steps.ConfirmAsync(session, code, ct);
            return result == FactorResult.Accepted ? new SeeOther(path) : Back("/sign-in/again", result, path);
        }
        return Again;
    }

    private static async Task<IResult> SetUpAsync(
        HttpContext http,
        [FromForm] string? code,
        [FromForm] string? returnUrl,
        PendingSignIns pendings,
        SignInSteps steps,
        Lifetimes lifetimes,
        PublicAddress address,
        CancellationToken ct
    )
    {
        var path = LocalPath.Of(returnUrl);
        if (await pendings.FindAsync(SessionCookie.Read(http.Request), ct) is not { State: SessionState.SetUp } pending)
        {
            return Again;
        }
        var outcome = await steps.SetUpAsync(pending, code, ct);
        if (outcome is not { Token: { } token, Codes: { } codes })
        {
            return Back("/sign-in/set-up", outcome.Result, path);
        }
        SessionCookie.Write(http, token, await lifetimes.OfCookieAsync(ct), address.IsSecure);
        http.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<SetUpDone>(new { Codes = codes, ReturnUrl = path });
    }

    private static SeeOther Again => new("/sign-in?notice=expired");

    private static SeeOther Back(string page, FactorResult result, string path) =>
        new(
            $"{page}?notice={(result == FactorResult.TooMany ? "wait" : "wrong")}"
                + (path is "/" ? "" : "&returnUrl=" + Uri.EscapeDataString(path))
        );
}
