using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Accounts;
using Tenet.Assistant;
using Tenet.Billing;
using Tenet.Kernel.Http;
using Tenet.Odoo.Switches;
using Tenet.Odoo.Tenants;
using Tenet.Odoo.Tokens;
using Tenet.Odoo.Writes;

namespace Tenet.Odoo;

internal sealed record DecisionWish(string? Decision, string? Hash, string? Ticket);

internal sealed record StateView(ApprovalState State);

internal sealed record HelpWish(Guid? Session);

internal sealed record SettingsView(
    bool Enabled,
    bool Writes,
    IReadOnlyDictionary<string, bool> Actions,
    int? CreditsLeft,
    bool OwnKey,
    string? Provider,
    string? Model,
    TermsView Terms,
    string UsageUrl
);

/// <summary>What the panel asks beside its turns: what it may do, a decision about a card, a person.</summary>
internal static class ApprovalEndpoints
{
    private const int MaxDecision = 64 * 1024;

    public static void MapApprovals(this RouteGroupBuilder granted)
    {
        granted.MapPost("/approvals/{id:guid}", DecideAsync);
        granted.MapGet("/approvals/{id:guid}", StateAsync);
        granted.MapGet("/settings", SettingsAsync);
        granted.MapPost("/help", HelpAsync);
    }

    private static async Task<IResult> DecideAsync(Guid id, HttpContext http, DecideApproval approvals, CancellationToken ct)
    {
        var body = await CopilotJson.BodyAsync(http.Request, MaxDecision, ct);
        if ((body is null ? null : CopilotJson.Read<DecisionWish>(body)) is not { Decision: "approve" or "decline" } wish)
        {
            return CopilotProblem.Of(422, "json", "Approve or decline, please, with the card's hash and ticket.");
        }
        var language = CopilotText.LanguageOf(http.Request.Headers.AcceptLanguage);
        var decision = new Decision(wish.Decision, wish.Hash, wish.Ticket, language);
        var (outcome, fault) = await approvals.RunAsync(CopilotCaller.Of(http), id, decision, ct);
        return fault switch
        {
            null => outcome is null ? throw new NotFoundException("approval") : CopilotJson.Result(outcome),
            "decided" => CopilotProblem.Of(409, fault, "This was decided before. Ask again for another proposal."),
            "expired" => CopilotProblem.Of(410, fault, "The proposal is older than 15 minutes. Ask again for another one."),
            "read_only" => CopilotProblem.Of(403, fault, "Only reading is allowed. Nothing was changed."),
            "action_off" => CopilotProblem.Of(403, fault, "This action is switched off for your group. Nothing was changed."),
            "switched_off" => SwitchedOff(),
            _ => CopilotProblem.Of(422, "hash", "This is not what was proposed. Nothing was changed; ask again."),
        };
    }

    private static async Task<IResult> StateAsync(Guid id, HttpContext http, DecideApproval approvals, CancellationToken ct) =>
        await approvals.StateAsync(CopilotCaller.Of(http), id, ct) is { } state
            ? CopilotJson.Result(new StateView(state))
            : throw new NotFoundException("approval");

    private static async Task<IResult> SettingsAsync(
        HttpContext http,
        SwitchBoard switches,
        WorkspaceModels models,
        TurnCredits credits,
        PublicAddress own,
        CancellationToken ct
    )
    {
        var token = CopilotCaller.Of(http).Token;
        var allowed = await switches.OfAsync(token.WorkspaceId, ct);
        var actions = allowed.Allowed(token.Group).ToHashSet();
        var model = await models.FindAsync(token.WorkspaceId, ct);
        var origin = own.Own.GetLeftPart(UriPartial.Authority);
        return CopilotJson.Result(
            new SettingsView(
                allowed.MayAsk(token.Group),
                actions.Count > 0,
                OdooActions.All.ToDictionary(action => action.Tool(), actions.Contains, StringComparer.Ordinal),
                (await credits.SheetAsync(token.WorkspaceId, ct))?.Left,
                OwnKey: true,
                model?.Provider,
                model?.Model,
                new TermsView(RegisterTenant.TermsVersion, origin + "/privacy"),
                origin + "/odoo"
            )
        );
    }

    private static async Task<IResult> HelpAsync(HttpContext http, AskForPerson ask, CancellationToken ct)
    {
        var body = await CopilotJson.BodyAsync(http.Request, 4096, ct);
        if ((body is null ? null : CopilotJson.Read<HelpWish>(body))?.Session is not { } session || session == Guid.Empty)
        {
            return CopilotProblem.Of(422, "json", "The chat's UUID, please.");
        }
        await ask.RunAsync(CopilotCaller.Of(http), session, ct);
        return TypedResults.Accepted((string?)null);
    }

    public static IResult SwitchedOff() =>
        CopilotProblem.Of(403, "switched_off", "The copilot is switched off for your group. Ask your administrator.");
}
