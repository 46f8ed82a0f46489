using Microsoft.Extensions.AI;

namespace Tenet.Assistant;

/// <summary>What happens to a question when the day's tokens are used up.</summary>
public enum OverBudgetAnswer
{
    /// <summary>The pages answer, without a model.</summary>
    FromPages,

    /// <summary>The assistant stops and offers a person.</summary>
    AskPerson,
}

/// <summary>A workspace's assistant, ready to run: made once from the stored settings and kept until they change.</summary>
/// <param name="Name">The business's name, as visitors know it.</param>
/// <param name="Provider">"openai", "anthropic", …, or "excerpts" with no model.</param>
/// <param name="Model">The model's name at its provider.</param>
/// <param name="Host">Where prompts go; empty with no model.</param>
/// <param name="Client">Null with no model.</param>
/// <param name="SystemPrompt">The same for every turn, so that providers can keep it cached.</param>
/// <param name="MaxOutputTokens">The longest answer.</param>
/// <param name="DailyTokens">Tokens in and out per day in UTC, or null for no limit.</param>
/// <param name="OverBudget">What happens beyond them.</param>
/// <param name="LinkHosts">Hosts that answers may link to, beside those of the cited pages.</param>
/// <param name="UsesTools">The model can call tools.</param>
internal sealed record AssistantProfile(
    string Name,
    string Provider,
    string Model,
    string Host,
    IChatClient? Client,
    string SystemPrompt,
    int MaxOutputTokens,
    long? DailyTokens,
    OverBudgetAnswer OverBudget,
    IReadOnlySet<string> LinkHosts,
    bool UsesTools
)
{
    public const string ExcerptsProvider = "excerpts";

    public static AssistantProfile Excerpts(string name) =>
        new(
            name,
            ExcerptsProvider,
            ExcerptsProvider,
            "",
            null,
            "",
            0,
            null,
            OverBudgetAnswer.FromPages,
            new HashSet<string>(StringComparer.OrdinalIgnoreCase),
            false
        );
}
