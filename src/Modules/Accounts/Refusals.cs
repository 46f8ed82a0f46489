using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Tenet.Accounts;

/// <summary>Says as ProblemDetails why a caller was refused. The status is set before.</summary>
internal static class Refusals
{
    public static async Task WriteAsync(HttpContext http, string title, string? type = null)
    {
        var problem = new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = { Status = http.Response.StatusCode, Title = title },
        };
        if (type is not null)
        {
            problem.ProblemDetails.Type = type;
        }
        await http.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(problem);
    }
}
