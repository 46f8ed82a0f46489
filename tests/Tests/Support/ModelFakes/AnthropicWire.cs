using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Tenet.Tests.Support.ModelFakes;

/// <summary>Anthropic's messages as they look on the wire: named server-sent events around content blocks.</summary>
internal static class AnthropicWire
{
    public static async Task WriteAsync(HttpResponse response, FakeReply reply, CancellationToken ct)
    {
        await SendAsync(response, "message_start", new { type = "message_start", message = Message(reply) }, ct);
        await SendAsync(response, "ping", new { type = "ping" }, ct);
        var index = 0;
        if (reply.Deltas.Count > 0)
        {
            await StartAsync(response, index, new { type = "text", text = "" }, ct);
            foreach (var delta in reply.Deltas)
            {
                await DeltaAsync(response, index, new { type = "text_delta", text = delta }, ct);
                if (reply.Gap > TimeSpan.Zero)
                    await Task.Delay(reply.Gap, ct);
            }
            if (Finishes(reply))
                await SendAsync(response, "content_block_stop", new { type = "content_block_stop", index }, ct);
            index++;
        }
        foreach (var call in reply.Tools)
        {
            var half = call.Arguments.Length / 2;
            await StartAsync(
                response,
                index,
                new
                {
                    type = "tool_use",
                    id = call.Id,
                    name = call.Name,
                    input = new { },
                },
                ct
            );
            await DeltaAsync(response, index, new { type = "input_json_delta", partial_json = call.Arguments[..half] }, ct);
            await DeltaAsync(response, index, new { type = "input_json_delta", partial_json = call.Arguments[half..] }, ct);
            await SendAsync(response, "content_block_stop", new { type = "content_block_stop", index }, ct);
            index++;
        }
        if (reply.Ending == FakeEnding.ErrorEvent)
            await SendAsync(response, "error", Error(reply.ErrorCode), ct);
        if (Finishes(reply))
            await FinishAsync(response, reply, ct);
    }

    public static Task WriteErrorAsync(HttpResponse response, FakeReply reply, CancellationToken ct) =>
        response.WriteAsJsonAsync(Error(reply.ErrorCode), ct);

    private static bool Finishes(FakeReply reply) => reply.Ending is FakeEnding.Finish or FakeEnding.Length or FakeEnding.Refuse;

    private static async Task FinishAsync(HttpResponse response, FakeReply reply, CancellationToken ct)
    {
        var reason = reply.Ending switch
        {
            FakeEnding.Length => "max_tokens",
            FakeEnding.Refuse => "refusal",
            _ => reply.Tools.Count > 0 ? "tool_use" : "end_turn",
        };
        var delta = new JsonObject { ["stop_reason"] = reason, ["stop_sequence"] = null };
        var usage = new { output_tokens = reply.TokensOut };
        await SendAsync(
            response,
            "message_delta",
            new
            {
                type = "message_delta",
                delta,
                usage,
            },
            ct
        );
        await SendAsync(response, "message_stop", new { type = "message_stop" }, ct);
    }

    private static JsonObject Message(FakeReply reply) =>
        new()
        {
            ["id"] = "msg_1",
            ["type"] = "message",
            ["role"] = "assistant",
            ["model"] = "fake",
            ["content"] = new JsonArray(),
            ["stop_reason"] = null,
            ["stop_sequence"] = null,
            ["usage"] = new JsonObject { ["input_tokens"] = reply.TokensIn, ["output_tokens"] = 1 },
        };

    private static object Error(string? code) =>
        new { type = "error", error = new { type = code ?? "api_error", message = "The prompt was: secret" } };

    private static Task StartAsync(HttpResponse response, int index, object block, CancellationToken ct) =>
        SendAsync(
            response,
            "content_block_start",
            new
            {
                type = "content_block_start",
                index,
                content_block = block,
            },
            ct
        );

    private static Task DeltaAsync(HttpResponse response, int index, object delta, CancellationToken ct) =>
        SendAsync(
            response,
            "content_block_delta",
            new
            {
                type = "content_block_delta",
                index,
                delta,
            },
            ct
        );

    private static async Task SendAsync(HttpResponse response, string name, object data, CancellationToken ct)
    {
        await response.WriteAsync($"event: {name}\ndata: {JsonSerializer.Serialize(data)}\n\n", ct);
        await response.Body.FlushAsync(ct);
    }
}
