using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Tenet.Api;

/// <summary>Examples made from the schemas, with values that the fields' names ask for: the same at every run.</summary>
internal static class ApiExamples
{
    private const int Deepest = 6;

    public static JsonNode? Of(IOpenApiSchema schema, string name = "", int depth = 0)
    {
        if (depth > Deepest)
        {
            return null;
        }
        if (schema.Enum is [var first, ..])
        {
            return first.DeepClone();
        }
        if ((schema.OneOf ?? schema.AnyOf)?.FirstOrDefault(choice => choice.Type is not JsonSchemaType.Null) is { } choice)
        {
            return Of(choice, name, depth + 1);
        }
        var type = schema.Type ?? JsonSchemaType.Null;
        return type.HasFlag(JsonSchemaType.Object) || schema.Properties is { Count: > 0 } ? Object(schema, depth)
            : type.HasFlag(JsonSchemaType.Array) ? Array(schema, name, depth)
            : type.HasFlag(JsonSchemaType.String) ? Text(schema.Format, name)
            : type.HasFlag(JsonSchemaType.Boolean) ? true
            : type.HasFlag(JsonSchemaType.Integer) ? 5
            : type.HasFlag(JsonSchemaType.Number) ? 0.5
            : null;
    }

    private static JsonObject Object(IOpenApiSchema schema, int depth)
    {
        var made = new JsonObject();
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal))
        {
            made[name] = Of(property, name, depth + 1);
        }
        return made;
    }

    private static JsonArray Array(IOpenApiSchema schema, string name, int depth) =>
        schema.Items is { } items && Of(items, name, depth + 1) is { } one ? [one] : [];

    private static string Text(string? format, string name) =>
        format switch
        {
            "uuid" => "0197a5c2-7f3b-7c41-9d52-4b8e6a1f0c3d",
            "date-time" => "2026-11-21T09:30:00+00:00",
            "date" => "2026-11-21",
            "uri" => "https://shop.example/returns",
            _ => name.ToUpperInvariant() switch
            {
                "EMAIL" => "ann@example.com",
                "ROLE" => "agent",
                "LANGUAGE" => "en",
                "COLOR" => "#1b5e4b",
                "POSITION" => "right",
                "THEME" => "auto",
                "NAME" or "VISITOR" or "ASSIGNEE" or "AUTHORNAME" => "Ann Weber",
                "QUESTION" or "TEXT" or "PREVIEW" => "Can I send the tent back?",
                "ANSWER" => "Yes, within 30 days.",
                "NEXT" => "the-place-to-go-on-from",
                "SCOPES" => "knowledge:read",
                var key when key.EndsWith("URL", StringComparison.Ordinal) || key is "LINK" => "https://shop.example/returns",
                var key when key.EndsWith("ORIGINS", StringComparison.Ordinal) => "https://shop.example",
                _ => "text",
            },
        };
}
