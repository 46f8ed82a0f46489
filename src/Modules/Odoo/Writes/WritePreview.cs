using System.Text.Json;
using System.Text.Json.Nodes;
using Tenet.Odoo.Turns;

namespace Tenet.Odoo.Writes;

/// <summary>What an addon says a write would do. Untrusted, but shown and handed on exactly as it came: the addon compares it later.</summary>
/// <param name="Changes">field, label, before, after.</param>
/// <param name="Expect">The addon's own fingerprint.</param>
internal sealed record WritePreview(string Model, IReadOnlyList<long> Ids, string Record, JsonElement Changes, JsonElement Expect)
{
    private const int MostRecords = 20;
    private const int MostChanges = 60;
    private const int LongestName = 400;
    private const int LongestChanges = 48_000;
    private const int LongestExpect = 4_000;

    /// <returns>Null when it is no preview of this call, or larger than a card can be.</returns>
    public static WritePreview? Read(JsonElement content, JsonObject arguments) =>
        Text(content, "model") is { } model
        && TurnQuestion.ModelName().IsMatch(model)
        && arguments["model"] is JsonValue asked
        && asked.TryGetValue<string>(out var name)
        && name == model
        && IdsOf(content) is { Count: <= MostRecords } ids
        && IsOf(arguments, ids)
        && Text(content, "record") is { Length: <= LongestName } record
        && ChangesOf(content) is { } changes
        && content.TryGetProperty("expect", out var expect)
        && expect.ValueKind == JsonValueKind.Object
        && expect.GetRawText().Length <= LongestExpect
            ? new WritePreview(model, ids, record, changes, expect)
            : null;

    /// <returns>Null when there are none that a card can show.</returns>
    public static JsonElement? ChangesOf(JsonElement content) =>
        content.ValueKind == JsonValueKind.Object
        && content.TryGetProperty("changes", out var changes)
        && changes.ValueKind == JsonValueKind.Array
        && changes.GetArrayLength() <= MostChanges
        && changes.GetRawText().Length <= LongestChanges
        && changes.EnumerateArray().All(change => Text(change, "field") is not null && Text(change, "label") is not null)
            ? changes
            : null;

    /// <returns>Null when it is not a list of ids.</returns>
    public static IReadOnlyList<long>? IdsOf(JsonElement content)
    {
        if (!content.TryGetProperty("ids", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        var ids = new List<long>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var id) || id <= 0 || ids.Count > MostRecords)
            {
                return null;
            }
            ids.Add(id);
        }
        return ids;
    }

    // The card must be about the records that the model named.
    private static bool IsOf(JsonObject arguments, IReadOnlyList<long> ids)
    {
        var named = arguments["ids"] is JsonArray list ? list.Select(Number).ToHashSet() : [];
        if (arguments["id"] is { } one)
        {
            named.Add(Number(one));
        }
        return named.SetEquals(ids.Cast<long?>());
    }

    private static long? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
