using System.Text.Json;

namespace Tenet.Assistant;

/// <summary>A model's arguments for a tool: one JSON object, or the turn falls back.</summary>
internal static class ToolArguments
{
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 16 };

    public static Dictionary<string, object?> Parse(string json)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(json))
            return arguments;
        try
        {
            using var document = JsonDocument.Parse(json, Limits);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelException(ModelFault.InvalidToolJson);
            foreach (var property in document.RootElement.EnumerateObject())
                arguments[property.Name] = property.Value.Clone();
            return arguments;
        }
        catch (JsonException)
        {
            throw new ModelException(ModelFault.InvalidToolJson);
        }
    }
}
