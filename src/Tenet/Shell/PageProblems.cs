using System.Net;
using Microsoft.AspNetCore.Diagnostics;
using Tenet.Kernel.Http.Arrival;

namespace Tenet.Shell;

/// <summary>
/// Shows a page where the kernel's ProblemDetails, which has set the status and logged, cannot be read: what a browser opens or posts as a form.
/// Plain text without components: a request whose page has failed cannot render another.
/// </summary>
internal sealed class PageProblems : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var response = httpContext.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = ContentPolicy.OwnFiles;
        response.Headers.CacheControl = "no-store";
        await response.WriteAsync(Document(response.StatusCode), cancellationToken);
        return true;
    }

    private static string Document(int status)
    {
        var (title, text) = StatusPage.Of(status);
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{WebUtility.HtmlEncode(title)}</title>
            <link rel="icon" type="image/svg+xml" href="/icon.svg">
            <link rel="stylesheet" href="/tokens.css"><link rel="stylesheet" href="/console.css">
            <script src="/theme.js"></script>
            </head>
            <body>
            <main class="plain-page">
            <div class="brand"><i aria-hidden="true">T</i>Tenet</div>
            <section class="plain-card">
            <h1>{WebUtility.HtmlEncode(title)}</h1>
            <p class="muted">{WebUtility.HtmlEncode(text)}</p>
            <p><a class="button" href="/">Back to the start</a></p>
            </section>
            </main>
            </body>
            </html>
            """;
    }
}
