using Microsoft.AspNetCore.Components.Endpoints;
using Tenet.Kernel.Http.Arrival;

namespace Tenet.Shell;

/// <summary>What a browser may do with our pages: load from us only, sit in no frame, say nothing of addresses to others.</summary>
internal static class PageHeaders
{
    public static void UsePageHeaders(this IApplicationBuilder app) =>
        app.Use(
            (http, next) =>
            {
                if (http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
                {
                    var headers = http.Response.Headers;
                    headers.ContentSecurityPolicy = ContentPolicy.OwnFiles;
                    headers.CacheControl = "no-store";
                }
                return next(http);
            }
        );
}
