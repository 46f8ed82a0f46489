using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <param name="Persons">Ids of the rows that stand for the person, as a search gives them.</param>
internal sealed record NewPersonExport(Guid[]? Persons);

/// <param name="Link">Works once, until it expires, as soon as the copy is ready. Told now and never again.</param>
internal sealed record BegunPersonExport(Guid Id, string Link, DateTimeOffset ExpiresAt);

internal sealed record PersonExportView(
    Guid Id,
    ExportState State,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ReadyAt,
    DateTimeOffset? TakenAt
);

internal static class ExportEndpoints
{
    private const int MostPersons = 100;

    public static void MapExports(this IEndpointRouteBuilder app)
    {
        var staff = app.MapGroup("/api/privacy/exports").InWorkspace(Access.Admin).ForPeopleOnly().WithTags("Privacy");
        staff.MapGet("/{id:guid}", FindAsync);
        staff.MapPost("", BeginAsync).RequireAuthorization(Access.StepUp);
        // A POST: what looks into letters before their readers do follows links, and must not use the only try up.
        app.MapPost("/privacy/exports/{token}/file", TakeAsync).AllowAnonymous().LimitedBy(RateGroup.SignIn).WithTags("Privacy");
    }

    private static async Task<Accepted<BegunPersonExport>> BeginAsync(
        WorkspaceContext ctx,
        NewPersonExport body,
        BeginPersonExport begin,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        validation.Check(body.Persons is { Length: > 0 and <= MostPersons }, "persons", $"From one to {MostPersons} ids, please.");
        validation.Throw();
        var (id, token, end) = await begin.RunAsync(ctx, body.Persons!, ct);
        return TypedResults.Accepted($"/api/privacy/exports/{id}", new BegunPersonExport(id, $"/privacy/exports/{token}", end));
    }

    private static async Task<Ok<PersonExportView>> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        TypedResults.Ok(
            await ctx.FirstOrDefaultAsync(
                $"select state, created_at, ready_at, taken_at from privacy.person_export where id = {id}",
                row => new PersonExportView(
                    id,
                    Kernel.Postgres.SqlValue.Enum<ExportState>(row.GetString(0)),
                    row.GetFieldValue<DateTimeOffset>(1),
                    row.ValueOrNull<DateTimeOffset>(2),
                    row.ValueOrNull<DateTimeOffset>(3)
                ),
                ct
            ) ?? throw new NotFoundException("export")
        );

    private static async Task<FileStreamHttpResult> TakeAsync(
        string token,
        HttpContext http,
        WorkspaceScope door,
        BlobStore blobs,
        CancellationToken ct
    )
    {
        var content = await TakeCopy.OpenAsync(token, "privacy.person_export", "export.taken", door, blobs, ct);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Stream(content, "application/zip", "your-data.zip");
    }
}
