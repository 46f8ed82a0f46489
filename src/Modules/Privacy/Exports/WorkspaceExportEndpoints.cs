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
    private const string NoCopy = "copy behind this link, or it was fetched already";

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
                row.IsDBNull(2) ? null : row.GetInt64(2),
                row.GetFieldValue<DateTimeOffset>(3),
                row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4),
                row.GetFieldValue<DateTimeOffset>(5),
                row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6)
            ),
            ct
        );

    /// <summary>One that is used up, not ready, expired or made up answers the same.</summary>
    private static async Task<FileStreamHttpResult> TakeAsync(
        string token,
        HttpContext http,
        WorkspaceScope door,
        BlobStore blobs,
        CancellationToken ct
    )
    {
        if (BeginPersonExport.Read(token) is not { } link)
        {
            throw new NotFoundException(NoCopy);
        }
        var blob = await door.RunAsync(
            link.Workspace,
            Actor.System,
            async ctx =>
            {
                var taken = await ctx.FirstOrDefaultAsync<(Guid Id, Guid Blob)?>(
                    $"""
                    update privacy.workspace_export set state = 'taken', taken_at = {ctx.Now}
                     where token_hash = {link.Hash} and state = 'ready' and expires_at > {ctx.Now} returning id, blob_id
                    """,
                    row => (row.GetGuid(0), row.GetGuid(1)),
                    ct
                );
                if (taken is { } export)
                {
                    ctx.Audit("workspace.export_taken", "export", export.Id);
                }
                return taken?.Blob;
            },
            ct
        );
        if (blob is not { } found)
        {
            throw new NotFoundException(NoCopy);
        }
        http.Response.Headers.CacheControl = "no-store";
        var content = await blobs.OpenAsync(link.Workspace, Actor.System, found, ct);
        return TypedResults.Stream(new GZipStream(content, CompressionMode.Decompress), "application/json", "workspace.json");
    }
}
