using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Tenet.Kernel.Http;

/// <summary>
/// Endpoints that pages of other origins call. A preflight decides nothing: no cookie is involved, and the request itself is checked. An answer
/// is readable to the page only after the endpoint has let its origin in.
/// </summary>
public static class CrossOrigin
{
    private static readonly object Key = new();

    /// <param name="prefix">Of the endpoints' paths.</param>
    public static IApplicationBuilder UseCrossOrigin(this IApplicationBuilder app, PathString prefix) =>
        app.Use(
            (http, next) => http.Request.Path.StartsWithSegments(prefix, StringComparison.Ordinal) ? MarkAsync(http, next) : next(http)
        );

    /// <summary>The origin that asks may read the answer.</summary>
    public static void LetOriginRead(this HttpContext http) => http.Items[Key] = true;

    private static Task MarkAsync(HttpContext http, RequestDelegate next)
    {
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length == 0)
        {
            return next(http);
        }
        http.Response.Headers.Vary = "Origin";
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            Allow(http, origin);
            http.Response.Headers.AccessControlAllowMethods = "GET, POST, PUT";
            http.Response.Headers.AccessControlAllowHeaders = "authorization, content-type, idempotency-key, last-event-id";
            http.Response.Headers.AccessControlMaxAge = "600";
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        // Set again on the way out, because an error's answer clears the headers.
        http.Response.OnStarting(() =>
        {
            if (http.Items.ContainsKey(Key))
            {
                Allow(http, origin);
            }
            return Task.CompletedTask;
        });
        return next(http);
    }

    private static void Allow(HttpContext http, string origin)
    {
        http.Response.Headers.AccessControlAllowOrigin = origin;
        http.Response.Headers.AccessControlExposeHeaders = "RateLimit, RateLimit-Policy, Retry-After";
    }
}
