using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;

namespace Tenet.Assistant;

/// <summary>Which model answers a workspace's visitors, how, and for how much. No row means: the pages, with no model.</summary>
[Record("assistant.settings", Purpose.Assistance, Keep = "assistant.settings")]
internal sealed record AssistantSettings
{
    [Operational]
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>One of <see cref="ModelProvider.All"/>.</summary>
    [Operational]
    public string Provider { get; init; } = AssistantProfile.ExcerptsProvider;

    [Operational]
    public string Model { get; init; } = "";

    [Operational]
    public string BaseUrl { get; init; } = "";

    /// <summary>Never leaves but to the provider it was entered for.</summary>
    [Sealed(Category.SystemCredentials)]
    public byte[]? Key { get; init; }

    /// <summary>The last four characters, by which a person knows the key again.</summary>
    [Operational]
    public string? KeyEnding { get; init; }

    /// <summary>Null when the pages are found by words alone.</summary>
    [Operational]
    public string? EmbeddingModel { get; init; }

    /// <summary>The workspace's own words about style.</summary>
    [Operational]
    public string Tone { get; init; } = "";

    [Operational]
    public int MaxOutputTokens { get; init; } = 700;

    /// <summary>Per day in UTC, in and out; null for no limit.</summary>
    [Operational]
    public long? DailyTokens { get; init; } = 500_000;

    [Operational]
    public OverBudgetAnswer OverBudget { get; init; }

    /// <summary>Hosts that answers may link to, beside those of the cited pages.</summary>
    [Operational]
    public string[] LinkHosts { get; init; } = [];

    [Operational]
    public bool UsesTools { get; init; } = true;

    [Operational]
    public DateTimeOffset ChangedAt { get; init; }

    [NoColumn]
    public SealedPlace KeyPlace => new("assistant.settings", "key", Id);
}
