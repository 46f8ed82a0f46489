using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Accounts;
using Tenet.Assistant;
using Tenet.Billing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Switches;
using Tenet.Odoo.Tokens;
using Tenet.Odoo.Turns;

namespace Tenet.Odoo;

internal sealed record RefreshWish(string? RefreshToken);

/// <param name="Left">Whole credits; null where turns are free.</param>
internal sealed record CreditsLeft(int? Left, [property: JsonPropertyName("used_30_days")] int UsedLately, string? BuyUrl);

internal sealed record TurnFeedback(bool Helpful, string? Reason);

/// <summary>What the panel in a user's browser calls, with a token that its Odoo issued for this one request.</summary>
internal static class PanelEndpoints
{
    private const int MaxBody = 512 * 1024;
    private static readonly string[] Reasons = ["wrong", "incomplete", "slow", "other"];

    public static void MapPanel(this IEndpointRouteBuilder app)
    {
        // 1. the user's token, used up by the request; 2. the limits of this group, by address and tenant; 3. where a grant is needed, a good one.
        var panel = app.MapGroup("/api/copilot").LimitedBy(RateGroup.Copilot).ForPeopleOnly().WithTags("Copilot");
        panel.RequireAuthorization(
            new AuthorizeAttribute(CopilotAuthentication.Policy) { AuthenticationSchemes = CopilotAuthentication.SchemeName }
        );
        panel.MapPost("/grants", OpenGrantAsync);
        panel.MapPost("/grants/refresh", RefreshAsync);
        var granted = panel.MapGroup("").AddEndpointFilter(GrantedAsync);
        granted.MapPost("/turns", TurnAsync).DisableRequestTimeout();
        granted.MapPut("/turns/{turn:guid}/feedback", FeedbackAsync);
        granted.MapGet("/credits", CreditsAsync);
        granted.MapApprovals();
    }

    private static async ValueTask<object?> GrantedAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        CopilotCaller.Of(invocation.HttpContext).Fault is { } fault ? fault.Problem() : await next(invocation);

    private static async Task<IResult> OpenGrantAsync(HttpContext http, Grants grants, CancellationToken ct)
    {
        var token = CopilotCaller.Of(http).Token;
        return token.Grant is null
            ? CopilotJson.Result(await grants.OpenAsync(token, ct), StatusCodes.Status201Created)
            : CopilotProblem.Of(422, "token_malformed", "A grant is opened with a token without one.");
    }

    private static async Task<IResult> RefreshAsync(HttpContext http, Grants grants, CancellationToken ct)
    {
        var body = await CopilotJson.BodyAsync(http.Request, 4096, ct);
        var wish = body is null ? null : CopilotJson.Read<RefreshWish>(body);
        return await grants.RefreshAsync(CopilotCaller.Of(http).Token, wish?.RefreshToken, ct) is { } view
            ? CopilotJson.Result(view)
            : TokenFault.GrantEnded.Problem();
    }

    private static async Task TurnAsync(
        HttpContext http,
        WorkspaceModels models,
        SwitchBoard switches,
        CopilotLedger ledger,
        CopilotTurn turn,
        TimeProvider time,
        CancellationToken ct
    )
    {
        var caller = CopilotCaller.Of(http);
        if (await CopilotJson.BodyAsync(http.Request, MaxBody, ct) is not { } body)
        {
            await CopilotProblem.Of(413, "too_large", "The message with its history is larger than 512 kB.").ExecuteAsync(http);
            return;
        }
        if (CopilotJson.Read<TurnQuestion>(body) is not { } question)
        {
            await CopilotProblem.Of(422, "json", "This is not the JSON that a turn takes.").ExecuteAsync(http);
            return;
        }
        question.Check();
        using var running = switches.Enter(caller.Token.WorkspaceId, ct);
        if (!(await switches.OfAsync(caller.Token.WorkspaceId, ct)).MayAsk(caller.Token.Group))
        {
            await ApprovalEndpoints.SwitchedOff().ExecuteAsync(http);
            return;
        }
        if (await models.FindAsync(caller.Token.WorkspaceId, ct) is not { } model)
        {
            await CopilotProblem
                .Of(503, "no_model", "No model is chosen yet: an admin of the workspace does so in the console.")
                .ExecuteAsync(http);
            return;
        }
        if (!await models.IsLeftAsync(caller.Token.WorkspaceId, ct))
        {
            await CopilotProblem
                .Of(402, "no_tokens", "The workspace's tokens of today are used up. Ask again tomorrow, or an admin.")
                .ExecuteAsync(http);
            return;
        }
        var meter = new TurnMeter
        {
            TurnId = Guid.CreateVersion7(),
            SessionId = question.Session,
            TenantId = caller.Tenant.Id,
            Uid = caller.Token.Uid,
            Provider = model.Provider,
            Host = model.Host,
            Model = TurnMeter.PlainName(model.Model),
            StartedAt = time.GetUtcNow(),
        };
        // The last thing that is asked for: from here on either the turn ends it or, when its host dies, a job does.
        if (!await ledger.ReserveAsync(caller.Token.WorkspaceId, meter, ct))
        {
            await CopilotProblem
                .Of(402, "no_credits", "The workspace's credits are used up. An admin can buy more in the console, under Credits.")
                .ExecuteAsync(http);
            return;
        }
        await using var events = new TurnEvents(http.Response, time);
        await turn.RunAsync(caller, question, model, meter, events, running, ct);
    }

    private static async Task<IResult> CreditsAsync(HttpContext http, TurnCredits credits, PublicAddress own, CancellationToken ct)
    {
        var sheet = await credits.SheetAsync(CopilotCaller.Of(http).Token.WorkspaceId, ct);
        return CopilotJson.Result(
            new CreditsLeft(sheet?.Left, sheet?.SpentLately ?? 0, sheet is null ? null : new Uri(own.Own, "/credits").ToString())
        );
    }

    private static async Task<IResult> FeedbackAsync(Guid turn, HttpContext http, WorkspaceScope door, CancellationToken ct)
    {
        var body = await CopilotJson.BodyAsync(http.Request, 4096, ct);
        if (
            (body is null ? null : CopilotJson.Read<TurnFeedback>(body)) is not { } said
            || said.Reason is { } word && !Reasons.Contains(word, StringComparer.Ordinal)
        )
        {
            return CopilotProblem.Of(422, "json", "A thumb, and for a reason one of: " + string.Join(", ", Reasons) + ".");
        }
        var token = CopilotCaller.Of(http).Token;
        var rated = await door.RunAsync(
            token.WorkspaceId,
            Actor.System,
            ctx =>
                ctx.ExecuteAsync(
                    $"""
                    update odoo.turn set helpful = {said.Helpful}, reason = {said.Reason}::text
                     where id = {turn} and uid = {token.Uid} and state <> 'running'
                    """,
                    ct
                ),
            ct
        );
        return rated == 1 ? TypedResults.NoContent() : throw new NotFoundException("turn");
    }
}
