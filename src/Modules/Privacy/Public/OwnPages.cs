using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Tenet.Privacy.Public;

internal static class OwnPages
{
    /// <summary>Takes forms of our own pages only: another site cannot send them in somebody's name.</summary>
    public static RouteGroupBuilder FromOwnPages(this RouteGroupBuilder forms) => forms.AddEndpointFilter(CheckAsync);

    private static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        return await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http)
            ? await next(invocation)
            : TypedResults.Problem("The form was sent by another site. Open the page itself and send it from there.", statusCode: 400);
    }
}
