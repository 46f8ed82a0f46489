using Microsoft.AspNetCore.Components.Endpoints;

namespace Tenet.Shell;

/// <summary>Reads a form that is posted to a page before the page does: one that cannot be read is its sender's fault, not ours.</summary>
internal static class PageForms
{
    public static void UsePageForms(this IApplicationBuilder app) =>
        app.Use(
            async (http, next) =>
            {
                if (http.Request.HasFormContentType && http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
                {
                    try
                    {
                        await http.Request.ReadFormAsync(http.RequestAborted);
                    }
                    catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException))
                    {
                        throw new BadHttpRequestException("The form cannot be read.", StatusCodes.Status400BadRequest, e);
                    }
                }
                await next(http);
            }
        );
}
