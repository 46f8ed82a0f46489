using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Attestations;
using Tenet.Privacy.Records;

namespace Tenet.Privacy;

/// <summary>Files behind the console's pages.</summary>
internal static class PrivacyEndpoints
{
    public static void MapPrivacyFiles(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/policy").InWorkspace(Access.Admin).ForPeopleOnly().ExcludeFromDescription();
        group.MapGet("/attestations/{id:guid}/file", EvidenceAsync);
        group.MapGet("/records.json", RecordsAsJsonAsync);
        group.MapGet("/records.csv", RecordsAsCsvAsync);
    }

    // As a download of no type: a file that somebody uploaded is never shown by the browser.
    private static async Task<FileStreamHttpResult> EvidenceAsync(WorkspaceContext ctx, BlobStore blobs, Guid id, CancellationToken ct) =>
        TypedResults.File(
            await blobs.OpenAsync(ctx.WorkspaceId, ctx.Actor, await AttestationInbox.FileOfAsync(ctx, id, ct), ct),
            "application/octet-stream",
            AttestationInbox.FileName
        );

    private static async Task<JsonHttpResult<ProcessingRecords>> RecordsAsJsonAsync(
        WorkspaceContext ctx,
        ProcessingRegister register,
        CancellationToken ct
    ) => TypedResults.Json(await register.OfAsync(ctx, ct));

    private static async Task<FileContentHttpResult> RecordsAsCsvAsync(
        WorkspaceContext ctx,
        ProcessingRegister register,
        CancellationToken ct
    ) =>
        TypedResults.File(
            Encoding.UTF8.GetBytes(ProcessingCsv.Write(await register.OfAsync(ctx, ct))),
            "text/csv; charset=utf-8",
            "records-of-processing.csv"
        );
}
