using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Tenet.Odoo;

/// <summary>A refusal with a code that the addon and the panel act on.</summary>
internal static class CopilotProblem
{
    public static ProblemHttpResult Of(int status, string code, string title) =>
        TypedResults.Problem(
            title: title,
            statusCode: status,
            extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = code }
        );
}
