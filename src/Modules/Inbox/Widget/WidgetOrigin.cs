using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Http;

namespace Tenet.Inbox.Widget;

/// <summary>
/// Cross-origin rules of the widget's endpoints: a page of an origin that the workspace has not allowed is refused, and no answer is
/// readable to it. A preflight decides nothing: no cookie is involved, and the request itself is checked.
/// </summary>
internal static class WidgetOrigin
{
    private static readonly object Key = new();

    /// <summary>Answers preflights, and marks answers as readable for the origin that asked.</summary>
    public static Task PreflightAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Path.StartsWithSegments("/api/widget", StringComparison.Ordinal))
        {
            return next(http);
        }
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length > 0)
        {
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
        }
        return next(http);
    }

    /// <summary>Finds the widget that the request is for, by its key in the route or by the visitor's token, and checks the origin.</summary>
    public static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        var directory = (WidgetDirectory)http.RequestServices.GetService(typeof(WidgetDirectory))!;
        var widget = await WidgetOfAsync(http, directory);
        var own = $"{http.Request.Scheme}://{http.Request.Host}";
        if (!widget.Allows(http.Request.Headers.Origin, own))
        {
            return TypedResults.Problem(
                "This website is not on the widget's list of allowed origins. Its owner adds it in the console.",
                statusCode: 403
            );
        }
        http.Items[Key] = widget;
        return widget.IsClosed
            ? TypedResults.Problem("This chat is closed: its owner has closed the workspace.", statusCode: 410, title: "Closed")
            : await next(invocation);
    }

    /// <summary>The widget that <see cref="CheckAsync"/> let pass.</summary>
    public static LoadedWidget Widget(this HttpContext http) => (LoadedWidget)http.Items[Key]!;

    private static async Task<LoadedWidget> WidgetOfAsync(HttpContext http, WidgetDirectory directory) =>
        http.Request.RouteValues["key"] is string key
            ? await directory.FindAsync(key, http.RequestAborted)
            : await directory.OfWorkspaceAsync(http.Caller().WorkspaceId, http.RequestAborted) ?? throw new NotFoundException("widget");

    private static void Allow(HttpContext http, string origin)
    {
        http.Response.Headers.AccessControlAllowOrigin = origin;
        http.Response.Headers.AccessControlExposeHeaders = "RateLimit, RateLimit-Policy, Retry-After";
    }
}
