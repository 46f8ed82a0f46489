using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Tenet.Odoo.Turns;

/// <summary>What the model can ask an Odoo for: the tools of docs/odoo.md, each under the rights of the user who asks.</summary>
internal static class OdooTools
{
    private const string Domain =
        """{"type":"array","description":"Odoo domain, e.g. [[\"state\",\"=\",\"sale\"]]. Dates as YYYY-MM-DD.","items":{}}""";

    private const string Fields = """{"type":"array","items":{"type":"string"},"maxItems":30}""";

    public static readonly IReadOnlyList<AIFunctionDeclaration> Reads =
    [
        Tool("list_models", "The kinds of records that the user may read.", """{"type":"object","properties":{}}"""),
        Tool(
            "list_fields",
            "The fields of a kind of record. Call it before you use fields that you are not sure of.",
            """{"type":"object","properties":{"model":{"type":"string"}},"required":["model"]}"""
        ),
        Tool(
            "search_records",
            "Finds records. For sums, averages and counts use aggregate, never this.",
            """{"type":"object","properties":{"model":{"type":"string"},"domain":DOMAIN,"fields":FIELDS,"order":{"type":"string"},"limit":{"type":"integer","minimum":1,"maximum":80},"offset":{"type":"integer","minimum":0}},"required":["model","domain"]}"""
        ),
        Tool(
            "read_records",
            "Reads records by their ids.",
            """{"type":"object","properties":{"model":{"type":"string"},"ids":{"type":"array","items":{"type":"integer"},"maxItems":80},"fields":FIELDS},"required":["model","ids","fields"]}"""
        ),
        Tool(
            "aggregate",
            "Sums, averages, counts, minima and maxima, computed by Odoo. The only source of figures.",
            """{"type":"object","properties":{"model":{"type":"string"},"domain":DOMAIN,"group_by":{"type":"array","items":{"type":"string"},"maxItems":3,"description":"e.g. partner_id, date_order:month"},"measures":{"type":"array","items":{"type":"string"},"description":"e.g. amount_total:sum, count"},"order":{"type":"string"},"limit":{"type":"integer","minimum":1,"maximum":80}},"required":["model","domain","group_by","measures"]}"""
        ),
        Tool(
            "open_record",
            "The address of one record in Odoo, for a link.",
            """{"type":"object","properties":{"model":{"type":"string"},"id":{"type":"integer"}},"required":["model","id"]}"""
        ),
        Tool(
            "report_link",
            "The address of a printed document (PDF) of records, for a link.",
            """{"type":"object","properties":{"model":{"type":"string"},"ids":{"type":"array","items":{"type":"integer"},"maxItems":20},"report":{"type":"string"}},"required":["model","ids"]}"""
        ),
    ];

    private static readonly HashSet<string> Names = [.. Reads.Select(tool => tool.Name)];

    public static bool IsRead(string name) => Names.Contains(name);

    private static AIFunctionDeclaration Tool(string name, string description, string schema)
    {
        var json = schema.Replace("DOMAIN", Domain, StringComparison.Ordinal).Replace("FIELDS", Fields, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(json);
        return AIFunctionFactory.CreateDeclaration(name, description, document.RootElement.Clone());
    }
}
