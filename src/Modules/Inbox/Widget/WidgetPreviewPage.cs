using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <summary>An empty page with the workspace's real chat, for members to try it.</summary>
internal static class WidgetPreviewPage
{
    public static async Task<ContentHttpResult> ShowAsync(WorkspaceContext ctx, Widgets widgets, CancellationToken ct)
    {
        var widget = await widgets.EnsureAsync(ctx, ct);
        return TypedResults.Content(
            $"""
            <!doctype html><html lang="{widget.Language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>{WebUtility.HtmlEncode(
                widget.Name
            )}</title><link rel="stylesheet" href="/tokens.css"><link rel="stylesheet" href="/plain.css">
            <main class="plain"><h1>{WebUtility.HtmlEncode(widget.Name)}</h1>
            <p class="muted">This page stands for a page of your website. The chat in the corner is the real one: what you ask lands in your inbox.</p>
            <p><a href="/widget">Back to the settings</a></p></main>
            <script src="/widget.js" data-key="{widget.Key}" async></script></html>
            """,
            "text/html; charset=utf-8"
        );
    }
}
