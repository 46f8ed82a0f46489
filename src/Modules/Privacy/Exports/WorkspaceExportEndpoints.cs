using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <param name="Link">Works once, by POST, until it expires, as soon as the copy is ready. Told now and never again.</param>
internal sealed record BegunWorkspaceExport(Guid Id, string Link, DateTimeOffset ExpiresAt);

internal sealed record WorkspaceExportView(
    Guid Id,
    ExportState State,
    long? Rows,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ReadyAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? TakenAt
);

internal static class WorkspaceExportEndpoints
{
    public static void MapWorkspaceExports(this IEndpointRouteBuilder app)
    {
        var owner = app.MapGroup("/api/workspace/exports").InWorkspace(Access.Owner).ForPeopleOnly().WithTags("Privacy");
        owner.MapGet("/{id:guid}", FindAsync);
        owner.MapPost("", BeginAsync).RequireAuthorization(Access.StepUp);
        app.MapPost("/privacy/workspace-exports/{token}/file", TakeAsync).AllowAnonymous().LimitedBy(RateGroup.SignIn).WithTags("Privacy");
    }

    private static async Task<Accepted<BegunWorkspaceExport>> BeginAsync(
        WorkspaceContext ctx,
        BeginWorkspaceExport begin,
        CancellationToken ct
    )
    {
        var (id, token, end) = await begin.RunAsync(ctx, ct);
        return TypedResults.Accepted($"/api/workspace/exports/{id}", new BegunWorkspaceExport(id, Link(token), end));
    }

    public static string Link(string token) => $"/privacy/workspace-exports/{token}/file";

    private static async Task<Ok<WorkspaceExportView>> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        TypedResults.Ok((await ListAsync(ctx, id, ct)).FirstOrDefault() ?? throw new NotFoundException("export"));

    /// <summary>The newest ones, or one.</summary>
    public static Task<List<WorkspaceExportView>> ListAsync(WorkspaceContext ctx, Guid? id, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select id, state, rows, created_at, ready_at, expires_at, taken_at from privacy.workspace_export
             where {id}::uuid is null or id = {id} order by id desc limit 5
            """,
            row => new WorkspaceExportView(
                row.GetGuid(0),
                SqlValue.Enum<ExportState>(row.GetString(1)),
                row.ValueOrNull<long>(2),
                row.GetFieldValue<DateTimeOffset>(3),
                row.ValueOrNull<DateTimeOffset>(4),
                row.GetFieldValue<DateTimeOffset>(5),
                row.ValueOrNull<DateTimeOffset>(6)
            ),
            ct
        );

    private static async Task<FileStreamHttpResult> TakeAsync(
        string token,
        HttpContext http,
        WorkspaceScope door,
        BlobStore blobs,
        CancellationToken ct
    )
    {
        var content = await TakeCopy.OpenAsync(token, "privacy.workspace_export", "workspace.export_taken", door, blobs, ct);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Stream(new GZipStream(content, CompressionMode.Decompress), "application/json", "workspace.json");
    }
}
