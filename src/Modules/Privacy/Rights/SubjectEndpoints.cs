using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Rights;

/// <param name="Value">An e-mail address, a phone number, the customer's own id of the person, or an id of ours.</param>
internal sealed record SubjectSearch(string? Value);

internal sealed record SubjectsFound(IReadOnlyList<PersonRow> Persons, IReadOnlyList<HeldRows> Held);

internal static class SubjectEndpoints
{
    public static void MapSubjects(this IEndpointRouteBuilder app)
    {
        // What is searched for travels in the body: an address of a page stands in logs and histories.
        var staff = app.MapGroup("/api/privacy/subjects")
            .InWorkspace(Access.Admin)
            .RequireAuthorization(Access.StepUp)
            .ForPeopleOnly()
            .WithTags("Privacy");
        staff.MapPost("/searches", SearchAsync);
    }

    private static async Task<Ok<SubjectsFound>> SearchAsync(
        WorkspaceContext ctx,
        SubjectSearch body,
        Subjects subjects,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        var value = validation.Text("value", body.Value, 254, min: 3);
        validation.Throw();
        var persons = await subjects.FindAsync(ctx, value, ct);
        var held = await subjects.PreviewAsync(ctx, [.. persons.Select(person => person.Id)], ct);
        // That somebody looked, never what for.
        ctx.Audit("subject.searched", "workspace", ctx.WorkspaceId, new { found = persons.Count });
        return TypedResults.Ok(new SubjectsFound(persons, held));
    }
}
