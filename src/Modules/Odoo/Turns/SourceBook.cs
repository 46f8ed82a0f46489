using System.Text.Json;
using Tenet.Odoo.Mcp;

namespace Tenet.Odoo.Turns;

/// <summary>What a cited number stands for: records or a domain in Odoo, which the panel opens there.</summary>
internal sealed record CopilotSource(
    int N,
    string Kind,
    string Model,
    IReadOnlyList<long> Ids,
    JsonElement? Domain,
    string Label,
    bool Restricted
);

/// <summary>What left Odoo for the model, by kind and field, without values.</summary>
internal sealed record SentFields(string Model, IReadOnlyCollection<string> Fields, int Rows);

/// <summary>The sources of one turn, in the order in which the model met them.</summary>
internal sealed class SourceBook
{
    private const int MostIds = 80;
    private readonly List<CopilotSource> _sources = [];
    private readonly HashSet<int> _cited = [];
    private readonly Dictionary<string, (HashSet<string> Fields, int Rows)> _sent = new(StringComparer.Ordinal);

    /// <summary>Cited for the first time since this was last asked.</summary>
    public Queue<CopilotSource> NewlyCited { get; } = new();

    public bool HasRestricted => _sources.Exists(source => source.Restricted && _cited.Contains(source.N));

    public bool IsEmpty => _sources.Count == 0;

    public IReadOnlyCollection<string> Models => _sent.Keys;

    public IEnumerable<SentFields> Sent => _sent.Select(sent => new SentFields(sent.Key, sent.Value.Fields, sent.Value.Rows));

    public int? Cite(int number)
    {
        if (number < 1 || number > _sources.Count)
        {
            return null;
        }
        if (_cited.Add(number))
        {
            NewlyCited.Enqueue(_sources[number - 1]);
        }
        return number;
    }

    /// <returns>The source's number; null for what is no source, such as a list of fields.</returns>
    public int? Add(string tool, IReadOnlyDictionary<string, object?> arguments, ToolAnswer answer)
    {
        if (answer.Error is not null || Text(answer.Content, "model") is not { } model || !TurnQuestion.ModelName().IsMatch(model))
        {
            return null;
        }
        var rows =
            answer.Content.TryGetProperty(tool == "aggregate" ? "groups" : "rows", out var list) && list.ValueKind == JsonValueKind.Array
                ? list
                : default;
        Note(model, tool, rows);
        if (tool is not ("search_records" or "read_records" or "aggregate"))
        {
            return null;
        }
        var ids = tool == "aggregate" || rows.ValueKind != JsonValueKind.Array ? [] : Ids(rows);
        var domain = arguments.GetValueOrDefault("domain") as JsonElement?;
        var number = _sources.Count + 1;
        _sources.Add(
            new CopilotSource(
                number,
                tool == "aggregate" ? "aggregate"
                    : ids.Count == 1 ? "record"
                    : "list",
                model,
                ids,
                domain is { ValueKind: JsonValueKind.Array } ? domain : null,
                ids.Count == 1 ? Text(rows[0], "name") ?? model : model,
                answer.IsRestricted
            )
        );
        return number;
    }

    private void Note(string model, string tool, JsonElement rows)
    {
        if (!_sent.TryGetValue(model, out var sent))
        {
            sent = (new HashSet<string>(StringComparer.Ordinal), 0);
        }
        if (rows.ValueKind == JsonValueKind.Array && rows.GetArrayLength() > 0 && rows[0].ValueKind == JsonValueKind.Object)
        {
            var first = tool == "aggregate" && rows[0].TryGetProperty("values", out var values) ? values : rows[0];
            if (first.ValueKind == JsonValueKind.Object)
            {
                sent.Fields.UnionWith(first.EnumerateObject().Select(field => field.Name));
            }
            sent.Rows += rows.GetArrayLength();
        }
        _sent[model] = sent;
    }

    private static List<long> Ids(JsonElement rows) =>
        [
            .. rows.EnumerateArray()
                .Take(MostIds)
                .Where(row =>
                    row.ValueKind == JsonValueKind.Object
                    && row.TryGetProperty("id", out var id)
                    && id.ValueKind == JsonValueKind.Number
                    && id.TryGetInt64(out _)
                )
                .Select(row => row.GetProperty("id").GetInt64()),
        ];

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
