using Tenet.Kernel.DataMaps;

namespace Tenet.Assistant;

/// <summary>What a prompt can hold, as receipts name it.</summary>
internal static class DataClasses
{
    public const string Question = Category.Content;
    public const string History = Category.Content;
    public const string Page = Category.BrowsingHistory;

    /// <summary>The workspace's own pages: no personal data by themselves.</summary>
    public const string Pages = "system.content.website";

    /// <summary>Stored per turn: state, times, counts.</summary>
    public const string TurnMetadata = "system.operations";
}
