using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticAssets;

namespace Tenet.Kernel.Http.Arrival;

/// <summary>
/// What every answer says to browsers, errors included: nothing is guessed from content, nothing is framed, nothing of us is loaded by other
/// sites but files, and what is not a page may run nothing at all.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next, ArrivalOptions options)
{
    private readonly string? _hsts =
        options.HstsDays > 0 ? string.Create(CultureInfo.InvariantCulture, $"max-age={options.HstsDays * 86_400L}") : null;

    public Task InvokeAsync(HttpContext http)
    {
        // On the way out, because an error's answer clears the headers.
        http.Response.OnStarting(
            static state =>
            {
                var (self, http) = ((SecurityHeaders, HttpContext))state;
                self.Write(http);
                return Task.CompletedTask;
            },
            (this, http)
        );
        return next(http);
    }

    private void Write(HttpContext http)
    {
        var headers = http.Response.Headers;
        var endpoint = http.GetEndpoint();
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        // Customers' pages load widget.js and consent.js.
        if (endpoint?.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
        {
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
        }
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = endpoint?.Metadata.GetMetadata<ContentPolicy>()?.Value ?? ContentPolicy.Nothing;
        }
        if (headers.CacheControl.Count == 0 && http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            headers.CacheControl = "no-store";
        }
        if (_hsts is not null && http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = _hsts;
        }
    }
}

/// <summary>What a page may load and run.</summary>
public sealed record ContentPolicy(string Value)
{
    internal const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>
    /// Files of our own. No script in the page itself runs and no style element counts; style attributes do, for widths of bars and what Blazor sets.
    /// </summary>
    public const string OwnFiles =
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
}

public static class ContentPolicies
{
    /// <summary>For endpoints that answer with a page.</summary>
    public static T WithOwnFiles<T>(this T endpoints)
        where T : IEndpointConventionBuilder => endpoints.WithMetadata(new ContentPolicy(ContentPolicy.OwnFiles));
}
