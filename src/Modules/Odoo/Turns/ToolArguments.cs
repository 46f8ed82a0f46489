using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Tenet.Odoo.Turns;

/// <summary>What a model wants to call a tool with; the addon checks it like any request.</summary>
internal sealed record ToolArguments(IReadOnlyDictionary<string, object?> Values, JsonObject Json)
{
    /// <summary>The kind of record, when it has the shape of a technical name.</summary>
    public string? Model =>
        Values.GetValueOrDefault("model") is JsonElement { ValueKind: JsonValueKind.String } value
        && value.GetString() is { } name
        && TurnQuestion.ModelName().IsMatch(name)
            ? name
            : null;

    public static ToolArguments Of(FunctionCallContent call)
    {
        var values = (call.Arguments ?? Enumerable.Empty<KeyValuePair<string, object?>>()).ToDictionary(StringComparer.Ordinal);
        var json = new JsonObject();
        foreach (var (name, value) in values)
        {
            json[name] = value is JsonElement element ? JsonNode.Parse(element.GetRawText()) : JsonSerializer.SerializeToNode(value);
        }
        return new ToolArguments(values, json);
    }
}
