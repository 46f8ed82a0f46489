using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

internal sealed record Assignment(Guid? MemberId);

internal sealed record SnoozeUntil(DateTimeOffset Until);

internal sealed record TeamMessage(string Text, bool Note = false);

internal sealed record MessageCreated(Guid Id, long Seq);

/// <summary>The inbox for the team. Verbs are resources: a take-over is an assignment, a resolution a closure.</summary>
internal static class ConversationEndpoints
{
    public static void MapConversations(this IEndpointRouteBuilder app)
    {
        var inbox = app.MapGroup("/api/inbox/conversations").InWorkspace(Access.Viewer).WithTags("Inbox").WithScope("inbox:write");
        inbox.MapGet("/", ListAsync).WithScope("inbox:read");
        inbox.MapGet("/{id:guid}", ReadAsync).WithScope("inbox:read");
        inbox.MapPost("/{id:guid}/messages", WriteAsync).RequireAuthorization(Access.Agent);
        inbox.MapPut("/{id:guid}/assignment", AssignAsync).RequireAuthorization(Access.Agent);
        inbox.MapDelete("/{id:guid}/assignment", HandBackAsync).RequireAuthorization(Access.Agent);
        inbox.MapPut("/{id:guid}/closure", ResolveAsync).RequireAuthorization(Access.Agent);
        inbox.MapDelete("/{id:guid}/closure", ReopenAsync).RequireAuthorization(Access.Agent);
        inbox.MapPut("/{id:guid}/snooze", SnoozeAsync).RequireAuthorization(Access.Agent);
    }

    private static async Task<Ok<PageOf<ConversationRow>>> ListAsync(
        WorkspaceContext ctx,
        CancellationToken ct,
        string state = "open",
        string? after = null
    )
    {
        var validation = new Validation();
        validation.OneOf("state", state, ConversationList.States);
        validation.Throw();
        return TypedResults.Ok(await ConversationList.PageAsync(ctx, state, after, ct));
    }

    private static async Task<Ok<ConversationDetail>> ReadAsync(Guid id, WorkspaceContext ctx, CancellationToken ct) =>
        TypedResults.Ok(await ConversationList.DetailAsync(ctx, id, ct) ?? throw new NotFoundException("conversation"));

    private static async Task<Created<MessageCreated>> WriteAsync(
        Guid id,
        TeamMessage body,
        WorkspaceContext ctx,
        ConversationDesk desk,
        CancellationToken ct
    )
    {
        var message = await desk.WriteAsync(ctx, id, body.Text, body.Note, ct);
        return TypedResults.Created((string?)null, new MessageCreated(message.Id, message.Seq));
    }

    private static async Task<NoContent> AssignAsync(
        Guid id,
        Assignment body,
        WorkspaceContext ctx,
        ConversationDesk desk,
        CancellationToken ct
    )
    {
        await desk.TakeOverAsync(ctx, id, body.MemberId, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> HandBackAsync(Guid id, WorkspaceContext ctx, ConversationDesk desk, CancellationToken ct)
    {
        await desk.HandBackAsync(ctx, id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> ResolveAsync(Guid id, WorkspaceContext ctx, ConversationDesk desk, CancellationToken ct)
    {
        await desk.ResolveAsync(ctx, id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> ReopenAsync(Guid id, WorkspaceContext ctx, ConversationDesk desk, CancellationToken ct)
    {
        await desk.ReopenAsync(ctx, id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> SnoozeAsync(
        Guid id,
        SnoozeUntil body,
        WorkspaceContext ctx,
        ConversationDesk desk,
        CancellationToken ct
    )
    {
        await desk.SnoozeAsync(ctx, id, body.Until.ToUniversalTime(), ct);
        return TypedResults.NoContent();
    }
}
