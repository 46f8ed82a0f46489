using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tenet.Kernel.Policies;

/// <summary>JSON Schema (2020-12) of policy files, for editors: completion and red lines while one types.</summary>
public static class PolicySchema
{
    private const string PeriodForm = "^[1-9][0-9]* (second|minute|hour|day|week|month|year)s?$";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(IEnumerable<ClaimKind> kinds)
    {
        var known = kinds.OrderBy(kind => kind.Name, StringComparer.Ordinal).ToList();
        var promise = new JsonObject
        {
            ["type"] = "object",
            ["required"] = Words(["id"]),
            ["properties"] = new JsonObject
            {
                ["id"] = Text("Such as crm.20"),
                ["says"] = Text("The statement that people read"),
                ["strength"] = new JsonObject { ["enum"] = Words([.. Enum.GetNames<Strength>().Select(name => name.ToLowerInvariant())]) },
                ["awaits"] = Text("The part that is not built yet"),
                ["claim"] = new JsonObject { ["enum"] = Words([.. known.Select(kind => kind.Name)]) },
                ["claims"] = new JsonObject { ["type"] = "array", ["items"] = Reference("claim") },
            },
            ["allOf"] = new JsonArray([.. known.Select(kind => (JsonNode)OfKind(kind))]),
        };
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "A policy of Tenet",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = Words(["policy", "version", "effective", "notice", "promises"]),
            ["properties"] = new JsonObject
            {
                ["policy"] = Text("Its name"),
                ["version"] = Text("Such as 2026.1"),
                ["title"] = Text("For people"),
                ["effective"] = new JsonObject { ["type"] = "string", ["format"] = "date" },
                ["notice"] = new JsonObject { ["type"] = "string", ["pattern"] = PeriodForm },
                ["extends"] = Text("The name of a policy whose promises this one takes over"),
                ["promises"] = new JsonObject { ["type"] = "array", ["items"] = Reference("promise") },
            },
            ["$defs"] = new JsonObject
            {
                ["promise"] = promise,
                ["claim"] = new JsonObject
                {
                    ["type"] = "object",
                    ["required"] = Words(["claim"]),
                    ["properties"] = new JsonObject
                    {
                        ["claim"] = new JsonObject { ["enum"] = Words([.. known.Select(kind => kind.Name)]) },
                    },
                    ["allOf"] = new JsonArray([.. known.Select(kind => (JsonNode)OfKind(kind))]),
                },
            },
        };
        return schema.ToJsonString(Indented);
    }

    private static JsonObject OfKind(ClaimKind kind)
    {
        var properties = new JsonObject();
        foreach (var parameter in kind.Parameters)
        {
            properties[parameter.Name] = Of(parameter);
        }
        return new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject { ["claim"] = new JsonObject { ["const"] = kind.Name } },
                ["required"] = Words(["claim"]),
            },
            ["then"] = new JsonObject
            {
                ["description"] = kind.Explains,
                ["properties"] = properties,
                ["required"] = Words([.. kind.Parameters.Where(parameter => parameter.Required).Select(parameter => parameter.Name)]),
            },
        };
    }

    private static JsonObject Of(ClaimParameter parameter)
    {
        var item = new JsonObject { ["description"] = parameter.Form };
        if (parameter.Allowed is { } allowed)
        {
            item["enum"] = Words([.. allowed]);
        }
        return parameter.IsList ? new JsonObject { ["type"] = "array", ["items"] = item } : item;
    }

    private static JsonObject Text(string says) => new() { ["type"] = "string", ["description"] = says };

    private static JsonObject Reference(string name) => new() { ["$ref"] = "#/$defs/" + name };

    private static JsonArray Words(string[] words) => new([.. words.Select(word => (JsonNode)word)]);
}
