namespace Tenet.Assistant;

/// <summary>What one turn did with data: it names classes and recipients and holds no content.</summary>
/// <param name="Provider">"openai", "anthropic", …, or "excerpts" when no model was asked.</param>
/// <param name="Model">The model's name at its provider, or "excerpts".</param>
/// <param name="Sent">Which data classes left, and to which host; empty when nothing left.</param>
/// <param name="Stored">Which data classes the turn itself stored; the conversation's texts are the caller's.</param>
/// <param name="Passages">How many passages of the workspace's pages were read.</param>
/// <param name="TokensIn">Tokens of the prompts, as the provider counted them (or estimated, see <paramref name="TokensEstimated"/>).</param>
/// <param name="TokensOut">Tokens of the answers.</param>
/// <param name="TokensEstimated">True when the provider reported no usage.</param>
/// <param name="Attempts">Calls made to the model, tool rounds and retries included.</param>
/// <param name="Fallback">Why the answer does not come from the chosen model, or null.</param>
/// <param name="Duration">From the question to the last character.</param>
public sealed record Receipt(
    string Provider,
    string Model,
    IReadOnlyList<Disclosure> Sent,
    IReadOnlyList<string> Stored,
    int Passages,
    int TokensIn,
    int TokensOut,
    bool TokensEstimated,
    int Attempts,
    ModelFault? Fallback,
    TimeSpan Duration
);

/// <param name="DataClass">A data class by its fideslang name where one fits, e.g. "user.content".</param>
/// <param name="Recipient">The host it went to.</param>
public sealed record Disclosure(string DataClass, string Recipient);
