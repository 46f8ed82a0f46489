using Microsoft.AspNetCore.Http;

namespace Tenet.Odoo;

/// <summary>
/// Cross-origin answers of the copilot. No cookie is involved, so a preflight decides nothing: a page of another origin than the connected Odoo is
/// refused by the token's check, and may read that it was.
/// </summary>
internal static class CopilotOrigin
{
    public static Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || !http.Request.Path.StartsWithSegments("/api/copilot", StringComparison.Ordinal))
        {
            return next(http);
        }
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            Allow(http.Response.Headers, origin);
            http.Response.Headers.AccessControlAllowMethods = "GET, POST, PUT";
            http.Response.Headers.AccessControlAllowHeaders = "authorization, content-type";
            http.Response.Headers.AccessControlMaxAge = "600";
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        // On the way out, because an error's answer clears the headers.
        http.Response.OnStarting(() =>
        {
            Allow(http.Response.Headers, origin);
            return Task.CompletedTask;
        });
        return next(http);
    }

    private static void Allow(IHeaderDictionary headers, string origin)
    {
        headers.Vary = "Origin";
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlExposeHeaders = "RateLimit, RateLimit-Policy, Retry-After";
    }
}
