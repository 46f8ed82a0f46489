using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Exports;

namespace Tenet.Privacy.Closings;

/// <param name="Confirm">The word DELETE.</param>
internal sealed record NewClosing(string? Confirm);

internal sealed record PartView(string Part, DateTimeOffset BeginsAt, DateTimeOffset GoneBy, DateTimeOffset? PurgedAt);

/// <param name="PurgeAt">Until then it can be reopened.</param>
internal sealed record ClosingView(
    Guid Id,
    ClosingState State,
    DateTimeOffset ClosedAt,
    DateTimeOffset PurgeAt,
    IReadOnlyList<PartView> Parts
);

internal static class ClosingEndpoints
{
    public static void MapClosings(this IEndpointRouteBuilder app)
    {
        app.MapGroup("/api/workspace/closure")
            .InWorkspace(Access.Owner)
            .ForPeopleOnly()
            .WithTags("Privacy")
            .MapPut("", CloseAsync)
            .RequireAuthorization(Access.StepUp);
        var closed = app.MapGroup("/api/workspace/closure").InWorkspace(Access.ClosedOwner).ForPeopleOnly().WithTags("Privacy");
        closed.MapGet("", FindAsync);
        closed.MapDelete("", ReopenAsync);
        // The button of the page for owners of a closed workspace.
        app.MapGroup("/closed")
            .InWorkspace(Access.ClosedOwner)
            .ForPeopleOnly()
            .ExcludeFromDescription()
            .MapPost("/reopening", ReopenFromPageAsync);
        app.MapGet("/privacy/closings/{token}/certificate", CertificateAsync)
            .AllowAnonymous()
            .LimitedBy(RateGroup.Open)
            .WithTags("Privacy");
        app.MapGet("/privacy/closings/{token}/certificate.pdf", PdfAsync).AllowAnonymous().LimitedBy(RateGroup.Open).WithTags("Privacy");
        app.MapGet("/trust/certificate-key.pem", KeyAsync).AllowAnonymous().LimitedBy(RateGroup.Open).WithTags("Privacy");
    }

    private static async Task<Ok<ClosingView>> CloseAsync(WorkspaceContext ctx, NewClosing body, CloseWorkspace close, CancellationToken ct)
    {
        var validation = new Validation();
        validation.Check(body.Confirm is CloseWorkspace.Word, "confirm", "Send the word DELETE: everything of the workspace is deleted.");
        validation.Throw();
        return TypedResults.Ok(await ViewAsync(ctx, await close.CloseAsync(ctx, ct), ct));
    }

    private static async Task<Ok<ClosingView>> FindAsync(WorkspaceContext ctx, CancellationToken ct) =>
        TypedResults.Ok(await ViewAsync(ctx, await ClosingRows.CurrentAsync(ctx, ct) ?? throw new NotFoundException("closing"), ct));

    private static async Task<NoContent> ReopenAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        await CloseWorkspace.ReopenAsync(ctx, ct);
        return TypedResults.NoContent();
    }

    private static async Task<RedirectHttpResult> ReopenFromPageAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        await CloseWorkspace.ReopenAsync(ctx, ct);
        return TypedResults.Redirect("/");
    }

    /// <summary>A made-up address, one of an open workspace and one whose deletion is not done answer the same.</summary>
    private static async Task<FileContentHttpResult> CertificateAsync(string token, WorkspaceScope door, CancellationToken ct) =>
        TypedResults.File(Encoding.UTF8.GetBytes(await ReadAsync(token, door, ct)), "application/json", "certificate-of-deletion.json");

    private static async Task<FileContentHttpResult> PdfAsync(
        string token,
        WorkspaceScope door,
        InstallationKeys keys,
        CancellationToken ct
    )
    {
        var certificate = DeletionCertificate.Verify(Encoding.UTF8.GetBytes(await ReadAsync(token, door, ct)));
        using var key = await keys.OpenAsync(ct);
        return TypedResults.File(CertificatePdf.Write(certificate, key), "application/pdf", "certificate-of-deletion.pdf");
    }

    private static async Task<string> ReadAsync(string token, WorkspaceScope door, CancellationToken ct)
    {
        var certificate = BeginPersonExport.Read(token) is { } link
            ? await door.RunAsync(
                link.Workspace,
                Actor.System,
                ctx => ctx.ScalarAsync<string>($"select certificate from privacy.closing where link_hash = {link.Hash}", ct),
                ct
            )
            : null;
        return certificate ?? throw new NotFoundException("certificate behind this address, or the deletion is not done yet");
    }

    private static async Task<Results<ContentHttpResult, NotFound>> KeyAsync(InstallationKeys keys, CancellationToken ct) =>
        await keys.PublicAsync(ct) is { } pem ? TypedResults.Text(pem, "application/x-pem-file") : TypedResults.NotFound();

    private static async Task<ClosingView> ViewAsync(WorkspaceContext ctx, Closing closing, CancellationToken ct) =>
        new(
            closing.Id,
            closing.State,
            closing.ClosedAt,
            closing.PurgeAt,
            [
                .. (await ClosingRows.PartsAsync(ctx, closing.Id, ct)).Select(part => new PartView(
                    part.Part,
                    part.BeginsAt,
                    part.GoneBy,
                    part.PurgedAt
                )),
            ]
        );
}
