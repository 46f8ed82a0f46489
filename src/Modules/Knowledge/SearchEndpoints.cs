using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;

namespace Tenet.Knowledge;

internal sealed record SearchRequest(string? Question, int? Top);

internal static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/knowledge/search")
            .InWorkspace(Access.Viewer)
            .MapPost("", FindAsync)
            .WithScope("knowledge:read")
            .RunsAgain("it only reads");

    static async Task<Ok<IReadOnlyList<Passage>>> FindAsync(
        HttpContext http,
        KnowledgeSearch search,
        SearchRequest request,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        var question = validation.Text("question", request.Question, 4_000);
        validation.Number("top", request.Top ?? 5, 1, 50);
        validation.Throw();
        return TypedResults.Ok(await search.FindAsync(http.Caller().WorkspaceId, question, request.Top ?? 5, ct));
    }
}
