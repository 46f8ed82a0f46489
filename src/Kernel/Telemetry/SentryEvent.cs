using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Tenet.Kernel.Telemetry;

/// <summary>An error as Sentry takes it: a redacted log line, the exception's types and its frames. No user, request, breadcrumb or machine name.</summary>
internal sealed partial record SentryEvent(DateTimeOffset At, LogLevel Level, string Category, string Template, string Message)
{
    private const int MaxFrames = 100;

    public string? ErrorType { get; init; }
    public string? Stack { get; init; }
    public ScrubbedException? Exception { get; init; }
    public string? TraceId { get; init; }

    /// <summary>What makes two errors the same.</summary>
    public string Fingerprint => string.Join('|', Category, Template, ErrorType ?? Exception?.TypeName);

    /// <summary>An envelope of one item: two lines of JSON and the event.</summary>
    public byte[] ToEnvelope(string environment, DateTimeOffset sentAt)
    {
        var id = Guid.CreateVersion7(At).ToString("N");
        var body = ToJson(id, environment).ToJsonString();
        var header = new JsonObject { ["event_id"] = id, ["sent_at"] = Iso(sentAt) };
        var item = new JsonObject { ["type"] = "event", ["length"] = Encoding.UTF8.GetByteCount(body) };
        return Encoding.UTF8.GetBytes($"{header.ToJsonString()}\n{item.ToJsonString()}\n{body}\n");
    }

    private JsonObject ToJson(string id, string environment)
    {
        var json = new JsonObject
        {
            ["event_id"] = id,
            ["timestamp"] = Iso(At),
            ["platform"] = "csharp",
            ["level"] = Level == LogLevel.Critical ? "fatal" : "error",
            ["logger"] = Category,
            ["release"] = "tenet@" + OtlpExport.Version,
            ["environment"] = environment,
            ["logentry"] = new JsonObject { ["message"] = Template, ["formatted"] = Message.Split('\n')[0] },
            ["fingerprint"] = new JsonArray(Fingerprint),
        };
        if (TraceId is not null)
        {
            json["contexts"] = new JsonObject
            {
                ["trace"] = new JsonObject { ["trace_id"] = TraceId, ["span_id"] = TraceId[..16] },
            };
        }
        var values = new JsonArray();
        if (Exception is not null)
        {
            Add(values, Exception);
        }
        else if (ErrorType is not null)
        {
            values.Add(Value(ErrorType, null, Stack));
        }
        if (values.Count > 0)
        {
            json["exception"] = new JsonObject { ["values"] = values };
        }
        return json;
    }

    // Sentry wants the innermost first.
    private static void Add(JsonArray values, ScrubbedException exception)
    {
        foreach (var inner in exception.Inner)
        {
            Add(values, inner);
        }
        values.Add(Value(exception.TypeName, exception.Code, exception.StackTrace));
    }

    private static JsonObject Value(string type, string? code, string? stack)
    {
        var value = new JsonObject { ["type"] = type };
        if (code is not null)
        {
            value["value"] = code;
        }
        var frames = new JsonArray([.. Frame().Matches(stack ?? "").Take(MaxFrames).Reverse().Select(match => (JsonNode)Described(match))]);
        if (frames.Count > 0)
        {
            value["stacktrace"] = new JsonObject { ["frames"] = frames };
        }
        return value;
    }

    private static JsonObject Described(Match match)
    {
        var method = match.Groups["method"].Value;
        var frame = new JsonObject { ["function"] = method, ["in_app"] = method.StartsWith("Tenet.", StringComparison.Ordinal) };
        if (match.Groups["file"] is { Success: true } file)
        {
            frame["filename"] = Path.GetFileName(file.Value);
            frame["lineno"] = int.Parse(match.Groups["line"].Value, CultureInfo.InvariantCulture);
        }
        return frame;
    }

    private static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^ *at (?<method>[^\n(]{1,500})\([^\n]*?\)(?: in (?<file>[^\n:]{1,500}):line (?<line>\d{1,7}))?",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Frame();
}
