using System.Text.Json.Nodes;

namespace Tenet.Tests.Odoo;

/// <summary>Recorded answers of Odoo's own API in the shape that the addon gives them.</summary>
internal static class OdooAnswers
{
    private static readonly string[] People = ["admin", "anna", "carl"];

    public static JsonObject Of(int version, int uid, string tool, JsonNode arguments)
    {
        var model = arguments["model"]?.GetValue<string>() ?? "";
        var person = People.FirstOrDefault(name => Recordings.Uid(version, name) == uid) ?? "carl";
        var kind = tool switch
        {
            "search_records" => "search_read",
            "aggregate" => "read_group",
            _ => null,
        };
        if (kind is null)
        {
            return new JsonObject { ["error"] = "invalid", ["detail"] = "no such tool" };
        }
        var recorded =
            Recordings.Find(version, $"{model.Replace('.', '-')}-{kind}-{person}") ?? Recordings.Find(version, "error-model-denied")!;
        var body = recorded["response"]!["body"]!;
        if (body["error"] is { } error)
        {
            return Refused(error["data"]!["name"]!.GetValue<string>());
        }
        return tool == "aggregate" ? Groups(model, person, body["result"]!.AsArray()) : Rows(model, person, body["result"]!.AsArray());
    }

    /// <summary>By the class alone: the message names groups and people.</summary>
    private static JsonObject Refused(string name) =>
        new()
        {
            ["error"] = name switch
            {
                "odoo.exceptions.AccessError" => "access",
                "odoo.exceptions.MissingError" => "not_found",
                _ => "invalid",
            },
            ["detail"] = "",
        };

    private static JsonObject Rows(string model, string person, JsonArray rows) =>
        new()
        {
            ["model"] = model,
            ["rows"] = new JsonArray([.. rows.Select(row => Values(row!.AsObject()))]),
            ["total"] = rows.Count,
            ["restricted"] = person != "admin",
        };

    private static JsonObject Groups(string model, string person, JsonArray groups) =>
        new()
        {
            ["model"] = model,
            ["groups"] = new JsonArray([
                .. groups.Select(group => new JsonObject
                {
                    ["key"] = new JsonObject { ["state"] = group!["state"]?.DeepClone() },
                    ["values"] = new JsonObject
                    {
                        ["amount_total:sum"] = group["amount_total"]?.DeepClone(),
                        ["count"] = group["__count"]?.DeepClone(),
                    },
                    ["domain"] = group["__domain"]?.DeepClone(),
                }),
            ]),
            ["totals"] = new JsonObject
            {
                ["amount_total:sum"] = groups.Sum(group => group!["amount_total"]?.GetValue<double>() ?? 0),
                ["count"] = groups.Sum(group => group!["__count"]?.GetValue<int>() ?? 0),
            },
            ["currency"] = "USD",
            ["restricted"] = person != "admin",
        };

    /// <summary>A many2one is <c>[id, "name"]</c>, and what is empty is <c>false</c>.</summary>
    private static JsonObject Values(JsonObject row)
    {
        var values = new JsonObject();
        foreach (var (name, value) in row)
        {
            values[name] = value switch
            {
                JsonArray { Count: 2 } pair when pair[1] is JsonValue text && text.TryGetValue<string>(out _) => new JsonObject
                {
                    ["id"] = pair[0]!.DeepClone(),
                    ["name"] = pair[1]!.DeepClone(),
                },
                JsonValue single when single.TryGetValue<bool>(out var empty) && !empty => null,
                _ => value?.DeepClone(),
            };
        }
        return values;
    }
}
