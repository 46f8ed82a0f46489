using Microsoft.Extensions.AI;
using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>The model that a workspace has chosen, under its own key.</summary>
/// <param name="Provider">"openai", "anthropic", …</param>
/// <param name="Model">Its name at the provider.</param>
/// <param name="Host">Where prompts go.</param>
/// <param name="Client">Streams, watched for silence; throws <see cref="ModelException"/>.</param>
/// <param name="MaxOutputTokens">The longest answer.</param>
public sealed record WorkspaceModel(string Provider, string Model, string Host, IChatClient Client, int MaxOutputTokens);

/// <summary>Models for modules with turns of their own. They count on the day's budget of the workspace like any other turn.</summary>
public sealed class WorkspaceModels
{
    private readonly AssistantProfiles profiles;
    private readonly TokenBudget budget;

    internal WorkspaceModels(AssistantProfiles profiles, TokenBudget budget) => (this.profiles, this.budget) = (profiles, budget);

    /// <returns>Null when the workspace has chosen no model.</returns>
    public async ValueTask<WorkspaceModel?> FindAsync(Guid workspaceId, CancellationToken ct) =>
        await profiles.GetAsync(workspaceId, ct) is { Client: { } client } profile
            ? new WorkspaceModel(profile.Provider, profile.Model, profile.Host, client, profile.MaxOutputTokens)
            : null;

    /// <summary>Whether tokens of today are left.</summary>
    public async ValueTask<bool> IsLeftAsync(Guid workspaceId, CancellationToken ct) =>
        await budget.IsLeftAsync(await profiles.GetAsync(workspaceId, ct), workspaceId, ct);

    /// <summary>Counts a turn's tokens, in the transaction that ends it.</summary>
    public void Count(SqlBatch batch, Guid turnId, int tokensIn, int tokensOut)
    {
        budget.Add(batch.WorkspaceId, tokensIn + tokensOut);
        TurnLedger.Count(batch, turnId, tokensIn, tokensOut);
    }
}
