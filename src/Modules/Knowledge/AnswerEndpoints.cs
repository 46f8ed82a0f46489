using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Http.Tags;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge;

internal sealed record AnswerView(Guid Id, string Question, string Answer, string? Url, DateTimeOffset UpdatedAt)
{
    public static AnswerView Of(QuestionAnswer entry) => new(entry.Id, entry.Question, entry.Answer, entry.Url, entry.UpdatedAt);

    /// <summary>In the order they were written, from the one after <paramref name="after"/> on.</summary>
    public static async Task<PageOf<AnswerView>> ListAsync(WorkspaceContext context, string? after, int limit, CancellationToken ct)
    {
        var validation = new Validation();
        validation.Number("limit", limit, 1, 200);
        validation.Throw();
        var place = context.Place<AnswerPlace>("answers", after);
        var answers = await context.ListAsync(
            $"""
            select id, question, answer, url, updated_at from knowledge.question_answer
             where id > {place?.Id ?? Guid.Empty} order by id limit {limit + 1}
            """,
            row => new AnswerView(
                row.GetGuid(0),
                row.GetString(1),
                row.GetString(2),
                row.TextOrNull(3),
                row.GetFieldValue<DateTimeOffset>(4)
            ),
            ct
        );
        return context.Page("answers", answers, limit, answer => new AnswerPlace(answer.Id));
    }

    public static async Task<AnswerView> FindAsync(WorkspaceContext context, Guid id, CancellationToken ct) =>
        await context.Db<KnowledgeDb>().Questions.AsNoTracking().FirstOrDefaultAsync(entry => entry.Id == id, ct) is { } entry
            ? Of(entry)
            : throw new NotFoundException("answer");
}

/// <summary>Where a list of answers goes on.</summary>
internal sealed record AnswerPlace(Guid Id);

internal static class AnswerEndpoints
{
    public static void MapAnswers(this IEndpointRouteBuilder app)
    {
        app.MapGroup("/api/knowledge/answers").InWorkspace(Access.Viewer).MapAnswerReading();
        var write = app.MapGroup("/api/knowledge/answers").InWorkspace(Access.Admin).WithScope("knowledge:write");
        write.MapPost("", AddAsync);
        write.MapPut("{id:guid}", ChangeAsync);
        write.MapDelete("{id:guid}", RemoveAsync);
    }

    static void MapAnswerReading(this RouteGroupBuilder read)
    {
        read.WithScope("knowledge:read");
        read.MapGet("", ListAsync);
        read.MapGet("{id:guid}", GetAsync);
    }

    static async Task<Tagged<AnswerView>> GetAsync(WorkspaceContext context, Guid id, CancellationToken ct) =>
        EntityTag.Tagged(await AnswerView.FindAsync(context, id, ct));

    static async Task<Ok<PageOf<AnswerView>>> ListAsync(WorkspaceContext context, string? after, int? limit, CancellationToken ct) =>
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
        IfMatch match,
        CancellationToken ct
    )
    {
        await match.DemandAsync(
            context,
            $"select from knowledge.question_answer where id = {id} for update",
            () => AnswerView.FindAsync(context, id, ct),
            ct
        );
        return TypedResults.Ok(AnswerView.Of(await sources.SaveAnswerAsync(context, id, entry, ct)));
    }

    static async Task<NoContent> RemoveAsync(WorkspaceContext context, Sources sources, Guid id, CancellationToken ct)
    {
        await sources.RemoveAnswerAsync(context, id, ct);
        return TypedResults.NoContent();
    }
}
