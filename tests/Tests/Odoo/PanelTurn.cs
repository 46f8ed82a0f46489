using System.Text.Json.Nodes;

namespace Tenet.Tests.Odoo;

/// <summary>A turn as the panel reads it.</summary>
internal sealed record PanelTurn(int Status, IReadOnlyList<(string Name, JsonNode Data)> Events, string Body)
{
    public string Text => string.Concat(All("delta").Select(data => data["text"]!.GetValue<string>()));

    public string Last => Events[^1].Name;

    public JsonNode LastData => Events[^1].Data;

    public IEnumerable<JsonNode> All(string name) => Events.Where(e => e.Name == name).Select(e => e.Data);

    public static async Task<PanelTurn> ReadAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var body = await answer.Content.ReadAsStringAsync(ct);
        var events = new List<(string, JsonNode)>();
        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            foreach (var block in body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            {
                if (block.Split('\n') is [var name, var data] && name.StartsWith("event: ", StringComparison.Ordinal))
                {
                    events.Add((name[7..], JsonNode.Parse(data[6..])!));
                }
            }
        }
        return new PanelTurn((int)answer.StatusCode, events, body);
    }
}
