using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Tenet.Kernel.Http.Arrival;

namespace Tenet.Shell;

/// <summary>
/// Shows a page where the kernel's ProblemDetails, which has set the status and logged, cannot be read: what a browser opens or posts as a form.
/// </summary>
internal sealed class PageProblems : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        httpContext.Response.Headers.ContentSecurityPolicy = ContentPolicy.OwnFiles;
        var page = new RazorComponentResult<StatusDocument>(new { Code = httpContext.Response.StatusCode })
        {
            StatusCode = httpContext.Response.StatusCode,
        };
        await page.ExecuteAsync(httpContext);
        return true;
    }
}
