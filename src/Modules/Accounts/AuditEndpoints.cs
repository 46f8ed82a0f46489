using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <param name="Details">JSON of ids, enums and numbers; null without details, or when they are erased.</param>
internal sealed record AuditEntryView(
    Guid Id,
    DateTimeOffset At,
    ActorKind Actor,
    Guid? ActorId,
    string? ActorName,
    string Action,
    string SubjectKind,
    Guid SubjectId,
    string? Details,
    long? Position
)
{
    public static AuditEntryView Of(AuditLine line) =>
        new(
            line.Id,
            line.At,
            line.Actor,
            line.ActorId,
            line.ActorName,
            line.Action,
            line.SubjectKind,
            line.SubjectId,
            line.Details,
            line.Position
        );
}

/// <summary>Where the list of entries goes on, towards older ones.</summary>
internal sealed record AuditPlace(Guid Id);

/// <param name="Entries">How many are chained, purged ones included.</param>
/// <param name="Attested">How many of them the newest checkpoint outside the database covers.</param>
/// <param name="Fault">Why the trail cannot be the one that was signed before; null when it is.</param>
/// <param name="Key">The key that verifies the checkpoints of this workspace.</param>
internal sealed record AuditStateView(long Entries, long Purged, long Attested, DateTimeOffset? AttestedAt, AuditFault? Fault, string Key);

internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        var audit = app.MapGroup("/api/audit").InWorkspace(Access.Admin).WithScope("audit:read").WithTags("Audit");
        audit.MapGet("", ListAsync);
        audit.MapGet("/state", StateAsync);
        app.MapGroup("/api/audit")
            .InWorkspace(Access.Admin)
            .RequireAuthorization(Access.StepUp)
            .ForPeopleOnly()
            .WithTags("Audit")
            .MapGet("/export", Export);
        app.MapGroup("/api/audit")
            .InWorkspace(Access.Owner)
            .RequireAuthorization(Access.StepUp)
            .ForPeopleOnly()
            .WithTags("Audit")
            .MapDelete("/{id:guid}/details", EraseAsync);
    }

    private static async Task<Ok<PageOf<AuditEntryView>>> ListAsync(
        WorkspaceContext ctx,
        [AsParameters] AuditQuery query,
        string? after,
        CancellationToken ct
    )
    {
        var filter = query.ToFilter();
        var lines = await AuditTrail.ReadAsync(ctx, filter, ctx.Place<AuditPlace>("audit", after)?.Id, ct);
        var entries = lines.ConvertAll(AuditEntryView.Of);
        return TypedResults.Ok(ctx.Page("audit", entries, AuditTrail.PageSize, entry => new AuditPlace(entry.Id)));
    }

    private static async Task<Ok<AuditStateView>> StateAsync(WorkspaceContext ctx, CheckpointKeys keys, CancellationToken ct)
    {
        var head = await AuditHead.FindAsync(ctx, ct);
        return TypedResults.Ok(
            new AuditStateView(
                head?.Size ?? 0,
                head?.PurgedThrough ?? 0,
                head?.PublishedSize ?? 0,
                head?.PublishedAt,
                head?.Fault,
                (await keys.OfAsync(ctx, ct)).ToString()
            )
        );
    }

    // Without a context of the request: its transaction would last as long as the caller takes to read.
    private static PushStreamHttpResult Export(
        HttpContext http,
        [AsParameters] AuditQuery query,
        string? format,
        AuditExport export,
        [FromServices] TimeProvider time
    )
    {
        var validation = new Validation();
        validation.OneOf("format", format ?? "jsonl", ["jsonl", "csv"]);
        validation.Throw();
        var (filter, (workspace, actor), csv) = (query.ToFilter(), http.Caller(), format == "csv");
        return TypedResults.Stream(
            output =>
                export.WriteAsync(
                    workspace,
                    actor,
                    filter,
                    csv ? AuditExportFormat.Csv : AuditExportFormat.JsonLines,
                    output,
                    http.RequestAborted
                ),
            csv ? "text/csv; charset=utf-8" : "application/jsonl",
            $"audit-{time.GetUtcNow().UtcDateTime:yyyyMMdd-HHmmss}.{(csv ? "csv" : "jsonl")}"
        );
    }

    private static async Task<NoContent> EraseAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        await EraseAuditDetails.RunAsync(ctx, id, ct);
        return TypedResults.NoContent();
    }
}
