using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tenet.Kernel.Http;

namespace Tenet.Billing.Payments;

/// <summary>Calls the providers' APIs.</summary>
internal sealed class PaymentCalls(Egress egress)
{
    private static readonly EgressPolicy Policy = new("payments") { MaxBytes = 1_000_000, TotalTime = TimeSpan.FromSeconds(20) };

    /// <returns>The answer's JSON.</returns>
    /// <exception cref="PaymentException"/>
    public async Task<JsonNode> SendAsync(
        string provider,
        HttpMethod method,
        Uri address,
        AuthenticationHeaderValue authorization,
        HttpContent? content,
        CancellationToken ct,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Authorization = authorization;
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }
        try
        {
            using var answer = await egress.Client(Policy).SendAsync(request, ct);
            var body = await answer.Content.ReadAsByteArrayAsync(ct);
            return answer.IsSuccessStatusCode && JsonNode.Parse(body) is { } json ? json : throw new PaymentException(provider);
        }
        catch (Exception e) when (e is EgressException or HttpRequestException or System.Text.Json.JsonException or IOException)
        {
            throw new PaymentException(provider, e);
        }
    }
}

/// <summary>Reads what others sent: a member that is missing, or of another kind, is null.</summary>
internal static class PaymentJson
{
    public static JsonNode? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new System.Text.Json.JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is JsonObject o && o.TryGetPropertyValue(name, out var member) ? member : null;
        }
        return node;
    }

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>A whole number, as one or as digits.</summary>
    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is not JsonValue value ? null
        : value.TryGetValue<long>(out var number) ? number
        : value.TryGetValue<string>(out var text)
        && long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number)
            ? number
        : null;

    public static JsonNode? First(this JsonNode? node) => node is JsonArray { Count: > 0 } array ? array[0] : null;
}
