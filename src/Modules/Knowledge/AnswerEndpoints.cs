using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge;

internal sealed record AnswerView(Guid Id, string Question, string Answer, string? Url, DateTimeOffset UpdatedAt)
{
    public static AnswerView Of(QuestionAnswer entry) => new(entry.Id, entry.Question, entry.Answer, entry.Url, entry.UpdatedAt);

    /// <summary>In the order they were written, from the one after <paramref name="after"/> on.</summary>
    public static Task<List<AnswerView>> ListAsync(WorkspaceContext context, Guid? after, int limit, CancellationToken ct)
    {
        var validation = new Validation();
        validation.Number("limit", limit, 1, 200);
        validation.Throw();
        return context.ListAsync(
            $"select id, question, answer, url, updated_at from knowledge.question_answer where id > {after ?? Guid.Empty} order by id limit {limit}",
            row => new AnswerView(
                row.GetGuid(0),
                row.GetString(1),
                row.GetString(2),
                row.IsDBNull(3) ? null : row.GetString(3),
                row.GetFieldValue<DateTimeOffset>(4)
            ),
            ct
        );
    }
}

internal static class AnswerEndpoints
{
    public static void MapAnswers(this IEndpointRouteBuilder app)
    {
        app.MapGroup("/api/knowledge/answers").InWorkspace(Access.Viewer).MapGet("", ListAsync).WithScope("knowledge:read");
        var write = app.MapGroup("/api/knowledge/answers").InWorkspace(Access.Admin).WithScope("knowledge:write");
        write.MapPost("", AddAsync);
        write.MapPut("{id:guid}", ChangeAsync);
        write.MapDelete("{id:guid}", RemoveAsync);
    }

    static async Task<Ok<List<AnswerView>>> ListAsync(WorkspaceContext context, Guid? after, int? limit, CancellationToken ct) =>
        TypedResults.Ok(await AnswerView.ListAsync(context, after, limit ?? 50, ct));

    static async Task<Created<AnswerView>> AddAsync(WorkspaceContext context, Sources sources, NewAnswer entry, CancellationToken ct)
    {
        var saved = await sources.SaveAnswerAsync(context, null, entry, ct);
        return TypedResults.Created($"/api/knowledge/answers/{saved.Id}", AnswerView.Of(saved));
    }

    static async Task<Ok<AnswerView>> ChangeAsync(
        WorkspaceContext context,
        Sources sources,
        Guid id,
        NewAnswer entry,
        CancellationToken ct
    ) => TypedResults.Ok(AnswerView.Of(await sources.SaveAnswerAsync(context, id, entry, ct)));

    static async Task<NoContent> RemoveAsync(WorkspaceContext context, Sources sources, Guid id, CancellationToken ct)
    {
        await sources.RemoveAnswerAsync(context, id, ct);
        return TypedResults.NoContent();
    }
}
