using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Closings;

/// <summary>What goes together when a workspace was closed. Policies say how long each part may stay; without a word it goes with everything.</summary>
internal static class Parts
{
    public const string Everything = "everything";

    /// <summary>Part → the schema whose tables are in it.</summary>
    private static readonly IReadOnlyDictionary<string, string> Schemas = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["crawled_content"] = "knowledge",
        ["accounts"] = "accounts",
        ["billing"] = "billing",
    };

    public static IReadOnlyList<string> All { get; } = [Everything, .. Schemas.Keys];

    /// <summary>The part in which a table goes, among those that a closing has.</summary>
    public static string Of(string table, IReadOnlyCollection<string> parts) =>
        Schemas.FirstOrDefault(entry => table.StartsWith(entry.Value + ".", StringComparison.Ordinal)).Key is { } part
        && parts.Contains(part, StringComparer.Ordinal)
            ? part
            : Everything;

    /// <summary>The purge begins so long before the end that it is done by then, whatever a machine does meanwhile.</summary>
    public static DateTimeOffset Begin(DateTimeOffset closedAt, Period window)
    {
        var end = window.After(closedAt);
        var margin = (end - closedAt) / 7;
        return end - (margin < TimeSpan.FromDays(1) ? margin : TimeSpan.FromDays(1));
    }

    /// <summary>The parts that the workspace's policy speaks of, with their windows.</summary>
    public static async Task<IReadOnlyDictionary<string, Period>> WindowsAsync(
        PolicySettings settings,
        Guid workspaceId,
        CancellationToken ct
    )
    {
        var windows = new Dictionary<string, Period>(StringComparer.Ordinal);
        foreach (var part in All)
        {
            if (await settings.FindAsync(workspaceId, WorkspacePurge.Kind, part, ct) is { } claim)
            {
                windows[part] = claim.Period("gone_within");
            }
        }
        return windows.ContainsKey(Everything)
            ? windows
            : throw new InvalidOperationException("No policy in force says when a closed workspace is gone. Publish the house rules.");
    }
}
