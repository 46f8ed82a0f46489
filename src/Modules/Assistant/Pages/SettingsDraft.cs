namespace Tenet.Assistant.Pages;

/// <summary>The settings while a member edits them, and what was used under them. Public as Razor wants of parameters.</summary>
public sealed class SettingsDraft
{
    internal ModelProvider Provider { get; private set; } = ModelProvider.All[0];
    public string Model { get; set; } = "";
    public string BaseUrl { get; set; } = "";
    public string Key { get; set; } = "";
    public string? KeyEnding { get; private init; }
    public bool FindsByMeaning { get; set; }
    public string EmbeddingModel { get; set; } = "";
    public string Tone { get; set; } = "";
    public int MaxOutputTokens { get; set; }
    public long? DailyTokens { get; set; }
    public OverBudgetAnswer OverBudget { get; set; }
    public string LinkHosts { get; set; } = "";
    public bool UsesTools { get; set; } = true;

    internal UsageReport? Usage { get; set; }

    public bool IsModel => Provider.Api != ModelApi.None;

    public bool OffersEmbeddings => Provider.Api == ModelApi.OpenAi;

    internal static SettingsDraft Of(AssistantSettings s) =>
        new()
        {
            Provider = ModelProvider.Find(s.Provider) ?? ModelProvider.All[0],
            Model = s.Model,
            BaseUrl = s.BaseUrl,
            KeyEnding = s.KeyEnding,
            FindsByMeaning = s.EmbeddingModel is not null,
            EmbeddingModel = s.EmbeddingModel ?? ModelProvider.Find(s.Provider)?.EmbeddingModel ?? "",
            Tone = s.Tone,
            MaxOutputTokens = s.MaxOutputTokens,
            DailyTokens = s.DailyTokens,
            OverBudget = s.OverBudget,
            LinkHosts = string.Join('\n', s.LinkHosts),
            UsesTools = s.UsesTools,
        };

    internal void Choose(ModelProvider provider)
    {
        if (provider == Provider)
            return;
        Provider = provider;
        BaseUrl = provider.BaseUrl;
        Model = provider.Models.Count > 0 ? provider.Models[0] : "";
        EmbeddingModel = provider.EmbeddingModel ?? "";
        FindsByMeaning &= provider.EmbeddingModel is not null;
        Key = "";
        UsesTools = true;
    }

    internal SettingsForm ToForm() =>
        new()
        {
            Provider = Provider.Id,
            Model = Model,
            BaseUrl = BaseUrl,
            Key = Key.Trim().Length > 0 ? Key.Trim() : null,
            EmbeddingModel = FindsByMeaning && OffersEmbeddings ? EmbeddingModel : null,
            Tone = Tone,
            MaxOutputTokens = MaxOutputTokens,
            DailyTokens = DailyTokens,
            OverBudget = OverBudget,
            LinkHosts = LinkHosts.Split(['\n', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            UsesTools = UsesTools,
        };
}
