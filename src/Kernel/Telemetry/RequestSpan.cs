using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Tenet.Kernel.Telemetry;

/// <summary>One span per request: method, the route's pattern and the status. The address itself may hold a token and stays out.</summary>
internal sealed class RequestSpan(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!Signals.IsTracing)
        {
            await next(http);
            return;
        }
        var around = Activity.Current;
        using var span = Signals.Begin("request", ActivityKind.Server, isRoot: true);
        try
        {
            await next(http);
        }
        finally
        {
            if (span is not null)
            {
                Describe(span, http);
            }
            Activity.Current = around;
        }
    }

    private static void Describe(Activity span, HttpContext http)
    {
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var method = http.Request.Method is "GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD" or "OPTIONS"
            ? http.Request.Method
            : "_OTHER";
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method);
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= 500)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
