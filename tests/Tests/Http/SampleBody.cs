using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Tenet.Tests.Http;

/// <summary>A body that an endpoint might take, made from the type it declares.</summary>
internal static class SampleBody
{
    /// <summary>The fields of a body with their types, as they are called on the wire.</summary>
    public static IReadOnlyList<(string Name, Type Type)> Fields(Type type, JsonSerializerOptions json) =>
        [.. json.GetTypeInfo(type).Properties.Select(property => (property.Name, property.PropertyType))];

    /// <summary>Plain values go in; what is nested stays out, so that as little as possible stands in the way of being accepted.</summary>
    public static JsonObject Of(Type type, JsonSerializerOptions json)
    {
        var body = new JsonObject();
        foreach (var (name, field) in Fields(type, json))
        {
            if (Value(name, field, json) is { } value)
            {
                body[name] = value;
            }
        }
        return body;
    }

    private static JsonNode? Value(string name, Type type, JsonSerializerOptions json) =>
        type == typeof(string) ? Text(name)
        : type == typeof(Guid) ? Guid.CreateVersion7().ToString()
        : type == typeof(bool) || type == typeof(bool?) ? true
        : type == typeof(DateTimeOffset) ? DateTimeOffset.UtcNow.AddDays(1).ToString("O")
        : type.IsEnum ? JsonSerializer.SerializeToNode(Enum.GetValues(type).GetValue(0), type, json)
        : type.IsPrimitive || type == typeof(decimal) ? 5
        : json.GetTypeInfo(type).Kind is JsonTypeInfoKind.Enumerable ? new JsonArray()
        : null;

    private static string Text(string name) =>
        name.ToUpperInvariant() switch
        {
            "EMAIL" => "ann@example.com",
            "ROLE" => "agent",
            "LANGUAGE" => "en",
            "COLOR" => "#1b5e4b",
            "POSITION" => "right",
            "THEME" => "auto",
            var text when text.EndsWith("URL", StringComparison.Ordinal) => "https://shop.test/",
            _ => "A text",
        };
}
