using Microsoft.AspNetCore.Components.Endpoints;

namespace Tenet.Shell;

/// <summary>What a browser may do with our pages: load from us only, sit in no frame, say nothing of addresses to others.</summary>
internal static class PageHeaders
{
    // Blazor and components set inline styles; scripts come from files only.
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        + "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void UsePageHeaders(this IApplicationBuilder app) =>
        app.Use(
            (http, next) =>
            {
                if (http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
                {
                    var headers = http.Response.Headers;
                    headers.ContentSecurityPolicy = Policy;
                    headers.XContentTypeOptions = "nosniff";
                    headers["Referrer-Policy"] = "same-origin";
                    headers.CacheControl = "no-store";
                }
                return next(http);
            }
        );
}
