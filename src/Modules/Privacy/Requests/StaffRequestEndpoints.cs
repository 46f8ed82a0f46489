using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>A request that came by e-mail, by letter or in person, entered by the team.</summary>
/// <param name="Answer">For a human review: the assistant's message, or its turn, that a person should look at.</param>
internal sealed record EnteredRequest(
    RequestRegime Regime,
    string? Kind,
    string? Email,
    string? Name,
    string? Details,
    string? Language,
    Guid? Answer = null
);

internal sealed record SaidReason(string? Reason);

internal sealed record SaidQuestion(string? Question);

internal sealed record SaidAnswer(string? Answer);

/// <param name="Value">Null empties the field.</param>
internal sealed record SaidCorrection(string? Table, Guid Row, string? Column, string? Value);

internal sealed record SaidDenial(DenialGround Ground, string? Reason);

/// <summary>What the team does with requests, by API: the same as on the console's pages.</summary>
internal static class StaffRequestEndpoints
{
    public static void MapStaffRequests(this IEndpointRouteBuilder app)
    {
        var people = app.MapGroup("/api/privacy/restrictions").InWorkspace(Access.Admin).ForPeopleOnly().WithTags("Privacy requests");
        people.MapDelete("/{person:guid}", LiftAsync).RequireAuthorization(Access.StepUp);
        var staff = app.MapGroup("/api/privacy/requests").InWorkspace(Access.Admin).ForPeopleOnly().WithTags("Privacy requests");
        staff.MapGet("", ListAsync);
        staff.MapGet("/{id:guid}", FindAsync);
        staff.MapPost("", CreateAsync);
        staff.MapPost("/{id:guid}/verification", VerifyAsync).RequireAuthorization(Access.StepUp);
        staff.MapPost("/{id:guid}/beginning", BeginAsync);
        staff.MapPost("/{id:guid}/question", AskAsync);
        staff.MapPost("/{id:guid}/extension", ExtendAsync);
        staff.MapPost("/{id:guid}/denial", DenyAsync);
        staff.MapGet("/{id:guid}/fields", FieldsAsync).RequireAuthorization(Access.StepUp);
        staff.MapPost("/{id:guid}/corrections", CorrectAsync).RequireAuthorization(Access.StepUp);
        staff.MapPost("/{id:guid}/fulfilment", FulfilAsync).RequireAuthorization(Access.StepUp);
    }

    private static async Task<Ok<PageOf<RequestRow>>> ListAsync(
        WorkspaceContext ctx,
        CancellationToken ct,
        string list = "open",
        string? after = null,
        int limit = 50
    ) => TypedResults.Ok(await RequestBoard.PageAsync(ctx, list, after, limit, ct));

    private static async Task<Ok<RequestDetail>> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        TypedResults.Ok(await RequestBoard.FindAsync(ctx, id, ct));

    private static async Task<Created<RequestReceipt>> CreateAsync(
        WorkspaceContext ctx,
        EnteredRequest body,
        SubmitRequest submit,
        CancellationToken ct
    )
    {
        var request = await EnterAsync(ctx, submit, body, ct);
        return TypedResults.Created(
            $"/api/privacy/requests/{request.Id}",
            new RequestReceipt(request.Id, request.AcknowledgeBy, request.DueAt, "A letter that asks to confirm the request is on its way.")
        );
    }

    internal static Task<PrivacyRequest> EnterAsync(WorkspaceContext ctx, SubmitRequest submit, EnteredRequest body, CancellationToken ct)
    {
        var validation = new Validation();
        var wish = RequestIntake.Read(
            validation,
            new NewRequest(null, body.Kind, body.Email, body.Name, body.Details, body.Language),
            body.Regime,
            null
        );
        validation.Throw();
        return submit.RunAsync(ctx, wish with { Source = RequestSource.Email, Disputed = body.Answer }, ct);
    }

    private static async Task<Ok<RequestDetail>> VerifyAsync(
        WorkspaceContext ctx,
        Guid id,
        SaidReason body,
        AnswerRequest answer,
        CancellationToken ct
    )
    {
        await answer.VerifyAsync(ctx, id, body.Reason, ct);
        return await SavedAsync(ctx, id, ct);
    }

    private static async Task<Ok<RequestDetail>> BeginAsync(WorkspaceContext ctx, Guid id, AnswerRequest answer, CancellationToken ct)
    {
        await answer.BeginAsync(ctx, id, ct);
        return await SavedAsync(ctx, id, ct);
    }

    private static async Task<Ok<RequestDetail>> AskAsync(
        WorkspaceContext ctx,
        Guid id,
        SaidQuestion body,
        AnswerRequest answer,
        CancellationToken ct
    )
    {
        await answer.AskAsync(ctx, id, body.Question, ct);
        return await SavedAsync(ctx, id, ct);
    }

    private static async Task<Ok<RequestDetail>> ExtendAsync(
        WorkspaceContext ctx,
        Guid id,
        SaidReason body,
        AnswerRequest answer,
        CancellationToken ct
    )
    {
        await answer.ExtendAsync(ctx, id, body.Reason, ct);
        return await SavedAsync(ctx, id, ct);
    }

    private static async Task<Ok<RequestDetail>> DenyAsync(
        WorkspaceContext ctx,
        Guid id,
        SaidDenial body,
        AnswerRequest answer,
        CancellationToken ct
    )
    {
        await answer.DenyAsync(ctx, id, body.Ground, body.Reason, ct);
        return await SavedAsync(ctx, id, ct);
    }

    private static async Task<Ok<List<CorrectableField>>> FieldsAsync(
        WorkspaceContext ctx,
        Guid id,
        RequestPersons persons,
        RectifyPerson rectify,
        CancellationToken ct
    ) => TypedResults.Ok(await rectify.FieldsAsync(ctx, await persons.DemandAsync(ctx, await ctx.LockRequestAsync(id, ct), ct), ct));

    private static async Task<Ok<RequestDetail>> CorrectAsync(
        WorkspaceContext ctx,
        Guid id,
        SaidCorrection body,
        AnswerRequest answer,
        CancellationToken ct
    )
    {
        await answer.CorrectAsync(ctx, id, body.Table, body.Row, body.Column, body.Value, ct);
        return await SavedAsync(ctx, id, ct);
    }

    private static async Task<Ok<RequestDetail>> FulfilAsync(
        WorkspaceContext ctx,
        Guid id,
        SaidAnswer body,
        AnswerRequest answer,
        CancellationToken ct
    )
    {
        await answer.FulfilAsync(ctx, id, body.Answer, ct);
        return await SavedAsync(ctx, id, ct);
    }

    private static async Task<NoContent> LiftAsync(WorkspaceContext ctx, Guid person, CancellationToken ct) =>
        await Restrictions.LiftAsync(ctx, [person], ct) ? TypedResults.NoContent() : throw new NotFoundException("restriction");

    // The board reads rows, so what was changed is written before.
    private static async Task<Ok<RequestDetail>> SavedAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        await ctx.SaveAsync(ct);
        return TypedResults.Ok(await RequestBoard.FindAsync(ctx, id, ct));
    }
}
