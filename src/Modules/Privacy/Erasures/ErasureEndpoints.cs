using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Children;

namespace Tenet.Privacy.Erasures;

/// <param name="Persons">Ids of the rows that stand for the person, as a search gives them.</param>
internal sealed record NewErasure(Guid[]? Persons, ErasureGround Ground);

internal sealed record StoreView(string Store, Outcome Outcome, string Method, long RowsFound, long? RowsRemaining, string? Ground);

internal sealed record ErasureView(
    Guid Id,
    ErasureState State,
    ErasureGround Ground,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DueAt,
    DateTimeOffset? DestroyedAt,
    DateTimeOffset? CompletedAt,
    IReadOnlyList<StoreView> Stores
);

internal static class ErasureEndpoints
{
    private const int MostPersons = 100;

    public static void MapErasures(this IEndpointRouteBuilder app)
    {
        var read = app.MapGroup("/api/privacy/erasures").InWorkspace(Access.Admin).ForPeopleOnly().WithTags("Privacy");
        read.MapGet("/{id:guid}", FindAsync);
        read.MapGet("/{id:guid}/certificate", CertificateAsync);
        read.MapGet("/{id:guid}/certificate.pdf", PdfAsync);
        read.MapPost("", BeginAsync).RequireAuthorization(Access.StepUp);
        read.MapDelete("/{id:guid}/refusal", LetInAsync).RequireAuthorization(Access.StepUp);
        app.MapGet("/trust/{slug}/certificate-key.pem", KeyAsync).AllowAnonymous().LimitedBy(RateGroup.Open).WithTags("Privacy");
    }

    /// <summary>For whoever was given a certificate of this workspace.</summary>
    private static async Task<Results<ContentHttpResult, NotFound>> KeyAsync(
        string slug,
        WorkspaceDirectory directory,
        WorkspaceScope door,
        CancellationToken ct
    )
    {
        var workspace = await directory.FindAsync(slug, ct);
        var pem = workspace is null
            ? null
            : await door.RunAsync(workspace.Id, Actor.System, ctx => CertificateKeys.PublicAsync(ctx, ct), ct);
        return pem is null ? TypedResults.NotFound() : TypedResults.Text(pem, "application/x-pem-file");
    }

    private static async Task<Accepted<ErasureView>> BeginAsync(
        WorkspaceContext ctx,
        NewErasure body,
        BeginErasure begin,
        MarkChild mark,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        validation.Check(body.Persons is { Length: > 0 and <= MostPersons }, "persons", $"From one to {MostPersons} ids, please.");
        validation.Throw();
        var id =
            body.Ground is ErasureGround.Child
                ? await mark.RunAsync(ctx, body.Persons!, ct)
                : await begin.RunAsync(ctx, body.Persons!, body.Ground, ct);
        return TypedResults.Accepted($"/api/privacy/erasures/{id}", await ViewAsync(ctx, id, ct));
    }

    /// <summary>It was no child: the addresses and ids of the person may come in again. What was erased stays erased.</summary>
    private static async Task<NoContent> LetInAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await RefusedIdentifiers.LiftAsync(ctx, id, ct) > 0 ? TypedResults.NoContent() : throw new NotFoundException("refusal");

    private static async Task<Ok<ErasureView>> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        TypedResults.Ok(await ViewAsync(ctx, id, ct));

    private static async Task<FileContentHttpResult> CertificateAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var erasure = await ErasePerson.ReadAsync(ctx, id, ct);
        return erasure?.Certificate is { } certificate
            ? TypedResults.File(System.Text.Encoding.UTF8.GetBytes(certificate), "application/json", $"certificate-of-deletion-{id:N}.json")
            : throw new NotFoundException("certificate");
    }

    private static async Task<FileContentHttpResult> PdfAsync(WorkspaceContext ctx, Guid id, CertificateKeys keys, CancellationToken ct)
    {
        var text = (await ErasePerson.ReadAsync(ctx, id, ct))?.Certificate ?? throw new NotFoundException("certificate");
        using var key = await keys.OfAsync(ctx, ct);
        return TypedResults.File(
            CertificatePdf.Write(DeletionCertificate.Verify(System.Text.Encoding.UTF8.GetBytes(text)), key),
            "application/pdf",
            $"certificate-of-deletion-{id:N}.pdf"
        );
    }

    private static async Task<ErasureView> ViewAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var erasure = await ErasePerson.ReadAsync(ctx, id, ct) ?? throw new NotFoundException("erasure");
        var stores = await ErasureRows.OutcomesAsync(ctx, id, ct);
        return new ErasureView(
            id,
            erasure.State,
            erasure.Ground,
            erasure.CreatedAt,
            erasure.DueAt,
            erasure.DestroyedAt,
            erasure.CompletedAt,
            [
                .. stores.Select(store => new StoreView(
                    store.Store,
                    store.Outcome,
                    store.Method,
                    store.RowsFound,
                    store.RowsRemaining,
                    store.Ground
                )),
            ]
        );
    }
}
