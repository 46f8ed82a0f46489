using System.Net;
using System.Text;
using System.Text.Json;

namespace Tenet.Odoo.Mcp;

/// <summary>Reads what an addon, a proxy before it or somebody else answered. Believes nothing but JSON-RPC.</summary>
internal static class McpAnswer
{
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 24 };

    /// <returns>The result, or the error's code; both null for a notification.</returns>
    /// <exception cref="OdooException">It is no answer of an MCP endpoint.</exception>
    public static async Task<(JsonElement? Result, int? Error)> ReadAsync(
        HttpResponseMessage response,
        bool isNotification,
        CancellationToken ct
    )
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                throw new OdooException(OdooFault.Refused);
            case HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable:
                throw new OdooException(OdooFault.Maintenance);
            case HttpStatusCode.GatewayTimeout or HttpStatusCode.RequestTimeout:
                throw new OdooException(OdooFault.Slow);
            case >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest:
                throw new OdooException(OdooFault.NotInstalled);
        }
        if (isNotification)
        {
            return (null, null);
        }
        var type = response.Content.Headers.ContentType?.MediaType;
        if (type is not ("application/json" or "text/event-stream"))
        {
            throw new OdooException(response.StatusCode == HttpStatusCode.NotFound ? OdooFault.NotInstalled : OdooFault.Maintenance);
        }
        ReadOnlyMemory<byte> bytes = await response.Content.ReadAsByteArrayAsync(ct);
        using var document = JsonDocument.Parse(type == "text/event-stream" ? Data(bytes) : bytes, Limits);
        var message = document.RootElement;
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw new OdooException(OdooFault.Protocol);
        }
        if (message.TryGetProperty("error", out var error))
        {
            return (null, CodeOf(error));
        }
        return message.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Object
            ? (result.Clone(), null)
            : throw new OdooException(OdooFault.Protocol);
    }

    private static int CodeOf(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object
        && error.TryGetProperty("code", out var code)
        && code.ValueKind == JsonValueKind.Number
        && code.TryGetInt32(out var number)
            ? number
            : 0;

    /// <summary>The data of the last event: an endpoint may stream progress before its answer.</summary>
    private static byte[] Data(ReadOnlyMemory<byte> bytes)
    {
        var last = new StringBuilder();
        var isNew = true;
        foreach (var line in Encoding.UTF8.GetString(bytes.Span).Split('\n'))
        {
            var text = line.TrimEnd('\r');
            if (text.Length == 0)
            {
                isNew = true;
            }
            else if (text.StartsWith("data:", StringComparison.Ordinal))
            {
                if (isNew)
                {
                    last.Clear();
                    isNew = false;
                }
                last.Append(text.AsSpan(5)).Append('\n');
            }
        }
        return Encoding.UTF8.GetBytes(last.ToString());
    }
}
