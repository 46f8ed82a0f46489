using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Tenet.Odoo;

/// <summary>JSON as docs/odoo.md has it, which the addon's Python reads: snake case.</summary>
internal static class CopilotJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        MaxDepth = 24,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        // Server-sent events hold no line breaks, and browsers read any character.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default,
    };

    public static JsonHttpResult<T> Result<T>(T value, int status = 200) => TypedResults.Json(value, Options, statusCode: status);

    /// <returns>Null when it is not the JSON that is taken here.</returns>
    public static T? Read<T>(ReadOnlySpan<byte> body)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The body, at most <paramref name="most"/> bytes; null when it is larger.</summary>
    public static async Task<byte[]?> BodyAsync(HttpRequest request, int most, CancellationToken ct)
    {
        if (request.ContentLength > most)
        {
            return null;
        }
        using var buffer = new MemoryStream();
        var chunk = new byte[8192];
        for (int read; (read = await request.Body.ReadAsync(chunk, ct)) > 0; )
        {
            if (buffer.Length + read > most)
            {
                return null;
            }
            buffer.Write(chunk, 0, read);
        }
        return buffer.ToArray();
    }
}
