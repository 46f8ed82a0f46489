using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Tags;
using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>The settings as they may be seen: of the key, its last four characters.</summary>
internal sealed record SettingsView(
    string Provider,
    string Model,
    string BaseUrl,
    string? KeyEnding,
    string? EmbeddingModel,
    string Tone,
    int MaxOutputTokens,
    long? DailyTokens,
    OverBudgetAnswer OverBudget,
    IReadOnlyList<string> LinkHosts,
    bool UsesTools
)
{
    public static SettingsView Of(AssistantSettings s) =>
        new(
            s.Provider,
            s.Model,
            s.BaseUrl,
            s.KeyEnding,
            s.EmbeddingModel,
            s.Tone,
            s.MaxOutputTokens,
            s.DailyTokens,
            s.OverBudget,
            s.LinkHosts,
            s.UsesTools
        );
}

internal static class AssistantEndpoints
{
    public static void MapEndpoints(this IEndpointRouteBuilder app)
    {
        var assistant = app.MapGroup("/api/assistant").InWorkspace(Access.Admin).WithTags("Assistant").WithScope("assistant:write");
        assistant.MapGet("/settings", GetAsync).WithScope("assistant:read");
        assistant.MapPut("/settings", PutAsync);
        assistant.MapPost("/key-test", TestAsync).RunsAgain("it stores nothing; the provider is asked a few words more");
        assistant.MapGet("/usage", UsageAsync).WithScope("assistant:read");
    }

    private static async Task<Tagged<SettingsView>> GetAsync(WorkspaceContext ctx, CancellationToken ct) =>
        EntityTag.Tagged(SettingsView.Of(await SettingsStore.LoadAsync(ctx, ct)));

    private static async Task<Results<Ok<SettingsView>, ProblemHttpResult>> PutAsync(
        SettingsForm form,
        HttpContext http,
        WorkspaceContext ctx,
        SettingsStore store,
        IfMatch match,
        CancellationToken ct
    )
    {
        if (form.Key is not null && !Access.IsSteppedUp(http.User))
        {
            return TypedResults.Problem(
                "Whoever sets the key decides who reads the questions: confirm at /sign-in/again that it is you, then repeat this within ten minutes.",
                statusCode: 403,
                type: "tenet:step-up"
            );
        }
        await match.DemandAsync(
            ctx,
            $"select from assistant.settings for update",
            async () => SettingsView.Of(await SettingsStore.LoadAsync(ctx, ct)),
            ct
        );
        return TypedResults.Ok(SettingsView.Of(await store.SaveAsync(ctx, form, ct)));
    }

    /// <summary>Takes no context: no transaction is held while the model is asked.</summary>
    private static async Task<Ok<KeyTest>> TestAsync(SettingsForm form, HttpContext http, TestModelKey test, CancellationToken ct)
    {
        var (workspaceId, actor) = http.Caller();
        return TypedResults.Ok(await test.RunAsync(workspaceId, actor, form, ct));
    }

    private static async Task<Ok<UsageReport>> UsageAsync(WorkspaceContext ctx, CancellationToken ct) =>
        TypedResults.Ok(await UsageReport.ReadAsync(ctx, ct));
}
