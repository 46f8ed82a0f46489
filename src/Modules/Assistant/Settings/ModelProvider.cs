namespace Tenet.Assistant;

internal enum ModelApi
{
    None,
    OpenAi,
    Anthropic,
}

/// <summary>A maker of models that the console offers.</summary>
/// <param name="Id">As stored.</param>
/// <param name="Api">The wire protocol.</param>
/// <param name="BaseUrl">Empty when the workspace must give its own.</param>
/// <param name="NeedsKey">False where a server of one's own may take none.</param>
/// <param name="Models">Names to choose from; any other name may be typed.</param>
/// <param name="EmbeddingModel">Offered for finding pages by meaning; null when the provider has none.</param>
internal sealed record ModelProvider(
    string Id,
    string Name,
    string Says,
    ModelApi Api,
    string BaseUrl,
    bool NeedsKey,
    IReadOnlyList<string> Models,
    string? EmbeddingModel
)
{
    private const string ByContract =
        "Its API has no switch against storing. Whether it keeps requests for a time is between you and the provider: ask for zero retention in your contract.";

    /// <summary>What a request can say against being kept at the provider, for people; null where nothing leaves, or only to oneself.</summary>
    public string? Retention =>
        Id switch
        {
            "openai" =>
                "Each request says store=false, so that the answer is not kept for OpenAI's tools. What is kept against abuse, up to 30 days, ends only with zero retention in your contract.",
            AssistantProfile.ExcerptsProvider or "compatible" => null,
            _ => ByContract,
        };

    public static readonly IReadOnlyList<ModelProvider> All =
    [
        new(
            AssistantProfile.ExcerptsProvider,
            "Your pages",
            "No AI model: answers are put together from the sentences of your pages. Nothing leaves this server.",
            ModelApi.None,
            "",
            false,
            [],
            null
        ),
        new(
            "openai",
            "OpenAI",
            "GPT models, under your own key.",
            ModelApi.OpenAi,
            "https://api.openai.com/v1",
            true,
            ["gpt-4.1-mini", "gpt-4.1", "gpt-4o-mini"],
            "text-embedding-3-small"
        ),
        new(
            "anthropic",
            "Anthropic",
            "Claude models, under your own key.",
            ModelApi.Anthropic,
            "https://api.anthropic.com",
            true,
            ["claude-haiku-4-5", "claude-sonnet-4-5"],
            null
        ),
        new(
            "gemini",
            "Google Gemini",
            "Gemini models, under your own key.",
            ModelApi.OpenAi,
            "https://generativelanguage.googleapis.com/v1beta/openai",
            true,
            ["gemini-2.5-flash", "gemini-2.5-pro"],
            "gemini-embedding-001"
        ),
        new(
            "grok",
            "xAI Grok",
            "Grok models, under your own key.",
            ModelApi.OpenAi,
            "https://api.x.ai/v1",
            true,
            ["grok-4", "grok-3-mini"],
            null
        ),
        new(
            "mistral",
            "Mistral",
            "Models of a European provider, under your own key.",
            ModelApi.OpenAi,
            "https://api.mistral.ai/v1",
            true,
            ["mistral-small-latest", "mistral-medium-latest"],
            "mistral-embed"
        ),
        new(
            "compatible",
            "Your own server",
            "vLLM, Ollama, llama.cpp or anything else that speaks OpenAI's API, at an address you give.",
            ModelApi.OpenAi,
            "",
            false,
            [],
            null
        ),
    ];

    public static ModelProvider? Find(string id) => All.FirstOrDefault(p => p.Id.Equals(id, StringComparison.Ordinal));
}
