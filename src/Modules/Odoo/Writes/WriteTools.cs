using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Tenet.Odoo.Writes;

/// <summary>The tools that propose a change, as the model knows them. How the addon is called (look first, act later) is none of its business.</summary>
internal static class WriteTools
{
    private const string Note = " It changes nothing yet: the user sees what would change and decides.";
    private const string Model = """ "model":{"type":"string"}""";
    private const string Ids = """ "ids":{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":20}""";
    private const string Values = """ "values":{"type":"object","description":"Values by field; a link to another record is its id."}""";
    private const string Id = """ "id":{"type":"integer"}""";

    private static readonly Dictionary<OdooAction, AIFunctionDeclaration> Declared = new()
    {
        [OdooAction.CreateRecord] = Tool(OdooAction.CreateRecord, "Proposes a new record.", $"{Model},{Values}", "model", "values"),
        [OdooAction.UpdateRecord] = Tool(
            OdooAction.UpdateRecord,
            "Proposes other values of records.",
            $"{Model},{Ids},{Values}",
            "model",
            "ids",
            "values"
        ),
        [OdooAction.ArchiveRecord] = Tool(OdooAction.ArchiveRecord, "Proposes to archive records.", $"{Model},{Ids}", "model", "ids"),
        [OdooAction.ConfirmOrder] = Tool(
            OdooAction.ConfirmOrder,
            "Proposes to confirm a quotation or a request for quotation.",
            $$""" "model":{"type":"string","enum":["sale.order","purchase.order"]},{{Id}}""",
            "model",
            "id"
        ),
        [OdooAction.PostMessage] = Tool(
            OdooAction.PostMessage,
            "Proposes a note (internal) or a message to the followers of a record.",
            $$"""{{Model}},{{Id}},"text":{"type":"string","maxLength":4000},"internal":{"type":"boolean"}""",
            "model",
            "id",
            "text"
        ),
        [OdooAction.ScheduleActivity] = Tool(
            OdooAction.ScheduleActivity,
            "Proposes a to-do on a record.",
            $$"""{{Model}},{{Id}},"summary":{"type":"string","maxLength":200},"date":{"type":"string","description":"YYYY-MM-DD"},"uid":{"type":"integer","description":"Whose it is; without it the user's own."}""",
            "model",
            "id",
            "summary",
            "date"
        ),
    };

    public static AITool Of(OdooAction action) => Declared[action];

    /// <summary>Only what the tool declares: how the addon is called, and whose approval it has, is never the model's to say.</summary>
    public static JsonObject Clean(OdooAction action, JsonObject asked)
    {
        var clean = new JsonObject();
        foreach (var declared in Declared[action].JsonSchema.GetProperty("properties").EnumerateObject())
        {
            if (asked.TryGetPropertyValue(declared.Name, out var value) && value is not null)
            {
                clean[declared.Name] = value.DeepClone();
            }
        }
        return clean;
    }

    private static AIFunctionDeclaration Tool(OdooAction action, string says, string properties, params string[] required)
    {
        var needs = string.Join(',', required.Select(name => $"\"{name}\""));
        using var schema = JsonDocument.Parse($$"""{"type":"object","properties":{{{properties}}},"required":[{{needs}}]}""");
        return AIFunctionFactory.CreateDeclaration(action.Tool(), says + Note, schema.RootElement.Clone());
    }
}
