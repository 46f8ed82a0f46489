using Tenet.Kernel.Http;

namespace Tenet.Assistant;

/// <summary>What a member sends to change the assistant. A missing key leaves the stored one as it is.</summary>
internal sealed record SettingsForm
{
    public string Provider { get; init; } = AssistantProfile.ExcerptsProvider;
    public string Model { get; init; } = "";

    /// <summary>Empty takes the provider's own.</summary>
    public string BaseUrl { get; init; } = "";
    public string? Key { get; init; }
    public string? EmbeddingModel { get; init; }
    public string Tone { get; init; } = "";
    public int MaxOutputTokens { get; init; } = 700;
    public long? DailyTokens { get; init; }
    public OverBudgetAnswer OverBudget { get; init; }
    public IReadOnlyList<string> LinkHosts { get; init; } = [];
    public bool UsesTools { get; init; } = true;

    public static SettingsForm Of(AssistantSettings settings) =>
        new()
        {
            Provider = settings.Provider,
            Model = settings.Model,
            BaseUrl = settings.BaseUrl,
            EmbeddingModel = settings.EmbeddingModel,
            Tone = settings.Tone,
            MaxOutputTokens = settings.MaxOutputTokens,
            DailyTokens = settings.DailyTokens,
            OverBudget = settings.OverBudget,
            LinkHosts = settings.LinkHosts,
            UsesTools = settings.UsesTools,
        };

    /// <summary>The settings as they would be stored, still with the stored key.</summary>
    /// <exception cref="RuleException">Something is missing or wrong, field by field.</exception>
    public AssistantSettings ApplyTo(AssistantSettings stored)
    {
        var check = new Validation();
        check.OneOf("provider", Provider, [.. ModelProvider.All.Select(p => p.Id)]);
        check.Throw();
        var provider = ModelProvider.Find(Provider)!;
        var isModel = provider.Api != ModelApi.None;
        var baseUrl = BaseUrl.Trim().Length > 0 ? BaseUrl : provider.BaseUrl;
        var address = isModel ? check.Url("baseUrl", baseUrl) : null;
        var changed = stored with
        {
            Provider = Provider,
            BaseUrl = isModel ? (address?.AbsoluteUri.TrimEnd('/') ?? "") : "",
            Model = isModel ? check.Text("model", Model, 200) : "",
            EmbeddingModel =
                string.IsNullOrWhiteSpace(EmbeddingModel) || !isModel ? null : check.Text("embeddingModel", EmbeddingModel, 200),
            Tone = check.Text("tone", Tone, 1000, min: 0),
            MaxOutputTokens = MaxOutputTokens,
            DailyTokens = DailyTokens,
            OverBudget = OverBudget,
            LinkHosts = [.. LinkHosts.Select(h => h.Trim().ToLowerInvariant()).Where(h => h.Length > 0).Distinct(StringComparer.Ordinal)],
            UsesTools = UsesTools,
        };
        check.Number("maxOutputTokens", MaxOutputTokens, 64, 8192);
        if (DailyTokens is { } tokens)
            check.Number("dailyTokens", tokens, 0, 1_000_000_000_000);
        check.Check(
            provider.Api != ModelApi.Anthropic || changed.EmbeddingModel is null,
            "embeddingModel",
            "Anthropic offers no embeddings."
        );
        check.Check(changed.LinkHosts.Length <= 50, "linkHosts", "At most 50 hosts, please.");
        check.Check(
            Array.TrueForAll(changed.LinkHosts, h => h.Length <= 253 && Uri.CheckHostName(h) == UriHostNameType.Dns),
            "linkHosts",
            "Host names only, please, such as shop.example.com."
        );
        check.Check(
            Key is null || (Key.Length is >= 4 and <= 500 && Key.All(c => c is > ' ' and < '\u007f')),
            "key",
            "This does not look like a key."
        );
        check.Throw();
        return changed;
    }
}
