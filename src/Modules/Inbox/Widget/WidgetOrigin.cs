using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Http;

namespace Tenet.Inbox.Widget;

/// <summary>
/// Whose pages may call the widget's endpoints: a page of an origin that the workspace has not allowed is refused, and no answer is
/// readable to it.
/// </summary>
internal static class WidgetOrigin
{
    private static readonly object Key = new();

    /// <summary>Finds the widget that the request is for, by its key in the route or by the visitor's token, and checks the origin.</summary>
    public static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        var directory = (WidgetDirectory)http.RequestServices.GetService(typeof(WidgetDirectory))!;
        var widget = await WidgetOfAsync(http, directory);
        if (!widget.Site.Allows(http.Request))
        {
            return TypedResults.Problem(
                "This website is not on the widget's list of allowed origins. Its owner adds it in the console.",
                statusCode: 403
            );
        }
        http.Items[Key] = widget;
        http.LetOriginRead();
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
}
