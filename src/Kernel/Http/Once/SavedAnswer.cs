using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Http.Once;

/// <summary>An answer as it is kept: status, the headers that say what came of the request, and the body.</summary>
internal sealed record SavedAnswer(int Status, Dictionary<string, string> Headers, string? Body) : IResult, IStatusCodeHttpResult
{
    private const int MaxBody = 256 * 1024;
    private static readonly string[] Kept = ["Content-Type", "Location", "ETag", "Cache-Control"];

    int? IStatusCodeHttpResult.StatusCode => Status;

    /// <summary>Set when it was not made for this request.</summary>
    public bool Replayed { get; init; }

    /// <summary>Has a handler's result write into memory. A body too large to keep becomes null when stored.</summary>
    public static async Task<SavedAnswer> WriteAsync(HttpContext http, object? result)
    {
        var feature = http.Features.Get<IHttpResponseBodyFeature>()!;
        using var memory = new MemoryStream();
        var buffer = new StreamResponseBodyFeature(memory);
        http.Features.Set<IHttpResponseBodyFeature>(buffer);
        try
        {
            await (
                result switch
                {
                    null => Task.CompletedTask,
                    IResult ready => ready.ExecuteAsync(http),
                    string text => http.Response.WriteAsync(text, http.RequestAborted),
                    var value => http.Response.WriteAsJsonAsync(value, value.GetType(), http.RequestAborted),
                }
            );
            await buffer.CompleteAsync();
        }
        finally
        {
            http.Features.Set(feature);
        }
        var headers = Kept.Where(http.Response.Headers.ContainsKey)
            .ToDictionary(name => name, name => http.Response.Headers[name].ToString(), StringComparer.Ordinal);
        return new SavedAnswer(
            http.Response.StatusCode,
            headers,
            Encoding.UTF8.GetString(memory.GetBuffer().AsSpan(0, (int)memory.Length))
        );
    }

    public string ToJson() => JsonSerializer.Serialize(Body is { Length: > MaxBody } ? this with { Body = null } : this);

    public static SavedAnswer Parse(string json) => JsonSerializer.Deserialize<SavedAnswer>(json)! with { Replayed = true };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }
        if (Replayed)
        {
            response.Headers["Idempotency-Replayed"] = "true";
        }
        if (Body is null)
        {
            throw new RefusedException(409, "This was done before, and its answer was too large to keep. Read what came of it with a GET.");
        }
        if (Body.Length > 0)
        {
            var bytes = Encoding.UTF8.GetBytes(Body);
            response.ContentLength = bytes.Length;
            await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
        }
    }
}

/// <summary>The row of a key.</summary>
[NoSubject("An answer may quote anybody, sealed and for a day: whoever is erased, the texts of all are taken out.")]
[Record("kernel.saved_answer", Purpose.Operations, Keep = "kernel.saved_answers")]
internal sealed record SavedAnswerRow
{
    /// <summary>Stands for caller and key; neither can be read from it.</summary>
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required byte[] Fingerprint { get; init; }

    /// <summary>Until then a request outside the door counts as still running.</summary>
    [Operational]
    public DateTimeOffset? RunningUntil { get; init; }

    [Operational]
    public int? Status { get; init; }

    [Sealed(Category.Content)]
    public byte[]? Answer { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }
}
