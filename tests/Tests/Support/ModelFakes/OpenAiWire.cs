using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tenet.Tests.Support.ModelFakes;

/// <summary>OpenAI's chat completions as they look on the wire: server-sent `chat.completion.chunk` objects, then `[DONE]`.</summary>
internal static class OpenAiWire
{
    public static async Task WriteAsync(HttpResponse response, FakeReply reply, CancellationToken ct)
    {
        await SendAsync(response, Chunk(new { role = "assistant", content = "" }, null), ct);
        foreach (var delta in reply.Deltas)
        {
            await SendAsync(response, Chunk(new { content = delta }, null), ct);
            if (reply.Gap > TimeSpan.Zero)
                await Task.Delay(reply.Gap, ct);
        }
        foreach (var (index, call) in reply.Tools.Index())
            await CallAsync(response, index, call, ct);
        var reason = reply.Ending switch
        {
            FakeEnding.Finish => reply.Tools.Count > 0 ? "tool_calls" : "stop",
            FakeEnding.Length => "length",
            FakeEnding.Refuse => "content_filter",
            _ => null,
        };
        if (reply.Ending == FakeEnding.ErrorEvent)
            await SendAsync(
                response,
                new
                {
                    error = new
                    {
                        message = "no",
                        type = "server_error",
                        code = reply.ErrorCode,
                    },
                },
                ct
            );
        if (reason is null)
            return;
        await SendAsync(response, Chunk(new { }, reason), ct);
        if (reply.ReportsUsage)
            await SendAsync(response, Usage(reply), ct);
        await response.WriteAsync("data: [DONE]\n\n", ct);
    }

    public static Task WriteErrorAsync(HttpResponse response, FakeReply reply, CancellationToken ct) =>
        response.WriteAsJsonAsync(
            new
            {
                error = new
                {
                    message = "The prompt was: secret",
                    type = "error",
                    code = reply.ErrorCode,
                },
            },
            ct
        );

    /// <summary>Each text's embedding counts its letters a to h, as base64 of little-endian floats, which is what the SDK asks for.</summary>
    public static Task WriteEmbeddingsAsync(HttpResponse response, IReadOnlyList<string> texts, CancellationToken ct)
    {
        var data = texts.Select(
            (text, index) =>
                new
                {
                    @object = "embedding",
                    index,
                    embedding = Base64(text),
                }
        );
        return response.WriteAsJsonAsync(
            new
            {
                @object = "list",
                data,
                model = "fake-embedding",
                usage = new { prompt_tokens = 4, total_tokens = 4 },
            },
            ct
        );
    }

    private static string Base64(string text)
    {
        var bytes = new byte[8 * sizeof(float)];
        for (var i = 0; i < 8; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), text.Count(c => char.ToLowerInvariant(c) == 'a' + i));
        return Convert.ToBase64String(bytes);
    }

    private static async Task CallAsync(HttpResponse response, int index, FakeToolCall call, CancellationToken ct)
    {
        var half = call.Arguments.Length / 2;
        object First() =>
            new
            {
                index,
                id = call.Id,
                type = "function",
                function = new { name = call.Name, arguments = call.Arguments[..half] },
            };
        object Second() => new { index, function = new { arguments = call.Arguments[half..] } };
        await SendAsync(response, Chunk(new { tool_calls = new[] { First() } }, null), ct);
        await SendAsync(response, Chunk(new { tool_calls = new[] { Second() } }, null), ct);
    }

    private static object Chunk(object delta, string? finish) =>
        new
        {
            id = "chatcmpl-1",
            @object = "chat.completion.chunk",
            created = 1_700_000_000,
            model = "fake",
            choices = new[]
            {
                new
                {
                    index = 0,
                    delta,
                    finish_reason = finish,
                },
            },
        };

    private static object Usage(FakeReply reply) =>
        new
        {
            id = "chatcmpl-1",
            @object = "chat.completion.chunk",
            created = 1_700_000_000,
            model = "fake",
            choices = Array.Empty<object>(),
            usage = new
            {
                prompt_tokens = reply.TokensIn,
                completion_tokens = reply.TokensOut,
                total_tokens = reply.TokensIn + reply.TokensOut,
            },
        };

    private static async Task SendAsync(HttpResponse response, object data, CancellationToken ct)
    {
        await response.WriteAsync("data: " + JsonSerializer.Serialize(data) + "\n\n", ct);
        await response.Body.FlushAsync(ct);
    }
}
