using System.Text.Json;
using Microsoft.Extensions.AI;
using Shouldly;
using Tenet.Assistant;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Assistant;

public sealed class ModelAdapterTests : IAsyncLifetime
{
    private FakeModelServer server = null!;

    public static TheoryData<string> Wires => ModelWire.Both;

    public static TheoryData<string, int, string?, ModelFault> Errors
    {
        get
        {
            var data = new TheoryData<string, int, string?, ModelFault>();
            foreach (var wire in new[] { "openai", "anthropic" })
            {
                data.Add(wire, 401, "invalid_api_key", ModelFault.RefusedKey);
                data.Add(wire, 403, "permission_error", ModelFault.RefusedKey);
                data.Add(wire, 404, "model_not_found", ModelFault.UnknownModel);
                data.Add(wire, 429, "rate_limit_error", ModelFault.RateLimited);
                data.Add(wire, 429, "insufficient_quota", ModelFault.NoCredit);
                data.Add(wire, 500, null, ModelFault.Overloaded);
                data.Add(wire, 503, null, ModelFault.Overloaded);
                data.Add(wire, 529, "overloaded_error", ModelFault.Overloaded);
                data.Add(wire, 400, "context_length_exceeded", ModelFault.ContextTooLong);
                data.Add(wire, 413, "request_too_large", ModelFault.ContextTooLong);
                data.Add(wire, 400, "invalid_request_error", ModelFault.BadResponse);
                data.Add(wire, 400, "content_filter", ModelFault.Refused);
            }
            return data;
        }
    }

    public async ValueTask InitializeAsync() => server = await FakeModelServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Text_streams_in_pieces_with_usage_and_finish(string wire)
    {
        server.Then(FakeReply.Text("Hel", "lo", " wörld"));
        var updates = await StreamAsync(wire);
        updates.Where(u => u.Text.Length > 0).Select(u => u.Text).ShouldBe(["Hel", "lo", " wörld"]);
        var usage = updates.SelectMany(u => u.Contents).OfType<UsageContent>().ToList();
        usage.Max(u => u.Details.InputTokenCount).ShouldBe(21);
        usage.Max(u => u.Details.OutputTokenCount).ShouldBe(8);
        updates.ShouldContain(u => u.FinishReason == ChatFinishReason.Stop);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task System_prompt_history_key_and_limit_arrive(string wire)
    {
        using var client = ModelWire.Client(server, wire);
        ChatMessage[] messages =
        [
            new(ChatRole.System, "Be kind."),
            new(ChatRole.User, "Hi"),
            new(ChatRole.Assistant, "Hello!"),
            new(ChatRole.User, "Bye"),
        ];
        await client.GetResponseAsync(messages, new ChatOptions { MaxOutputTokens = 77 });
        var request = server.Requests.ShouldHaveSingleItem();
        request.Key.ShouldBe("key-1234");
        using var body = JsonDocument.Parse(request.Body);
        body.RootElement.GetProperty("max_tokens").GetInt32().ShouldBe(77);
        body.RootElement.GetProperty("model").GetString().ShouldBe("fake");
        body.RootElement.GetProperty("messages").GetArrayLength().ShouldBe(wire is "openai" ? 4 : 3);
        request.Body.ShouldContain("Be kind.");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Tool_call_arrives_whole_and_its_result_goes_back(string wire)
    {
        server.Then(FakeReply.Call("look_up", """{"order":"A-17"}"""), FakeReply.Text("Sent."));
        using var client = ModelWire.Client(server, wire);
        var options = new ChatOptions { Tools = [Declaration()] };
        List<ChatMessage> messages = [new(ChatRole.User, "Where is A-17?")];

        var first = await client.GetResponseAsync(messages, options);
        var call = first.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ShouldHaveSingleItem();
        call.Name.ShouldBe("look_up");
        call.Arguments!["order"]!.ToString().ShouldBe("A-17");
        first.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);

        messages.Add(new ChatMessage(ChatRole.Assistant, [call]));
        messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, "on its way")]));
        var second = await client.GetResponseAsync(messages, options);
        second.Text.ShouldBe("Sent.");
        server.Requests[1].Body.ShouldContain("on its way");
        server.Requests[0].Body.ShouldContain("look_up");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Arguments_that_are_not_json_are_invalid(string wire)
    {
        server.Then(FakeReply.Call("look_up", """{"order": """));
        (await FaultAsync(wire)).Fault.ShouldBe(ModelFault.InvalidToolJson);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Arguments_that_are_no_object_are_invalid(string wire)
    {
        server.Then(FakeReply.Call("look_up", "[1, 2]"));
        (await FaultAsync(wire)).Fault.ShouldBe(ModelFault.InvalidToolJson);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Status_and_code_name_the_fault(string wire, int status, string? code, ModelFault fault)
    {
        server.Then(FakeReply.Error(status, code));
        var error = await FaultAsync(wire);
        error.Fault.ShouldBe(fault);
        error.Status.ShouldBe(status);
        error.ToString().ShouldNotContain("secret");
        server.Requests.Count.ShouldBe(1, "retries are the pipeline's, not the SDK's");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Retry_after_is_read(string wire)
    {
        server.Then(FakeReply.Error(429, "rate_limit_error", "7"));
        (await FaultAsync(wire)).RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Orderly_end_without_a_finish_is_a_cut(string wire)
    {
        server.Then(FakeReply.Text("Half an") with { Ending = FakeEnding.EndEarly });
        (await FaultAsync(wire)).Fault.ShouldBe(ModelFault.Cut);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Reset_in_the_middle_is_a_cut(string wire)
    {
        server.Then(FakeReply.Text("Half an") with { Ending = FakeEnding.Abort });
        (await FaultAsync(wire)).Fault.ShouldBe(ModelFault.Cut);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Silence_in_the_middle_is_a_stall(string wire)
    {
        server.Then(FakeReply.Text("Half an") with { Ending = FakeEnding.Stall });
        (await FaultAsync(wire, ModelWire.Short)).Fault.ShouldBe(ModelFault.Stalled);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Silence_before_the_first_byte_is_a_stall(string wire)
    {
        server.Then(FakeReply.Text("Late") with { Delay = TimeSpan.FromMinutes(1) });
        var patience = new ModelPatience(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(20));
        (await FaultAsync(wire, patience)).Fault.ShouldBe(ModelFault.Stalled);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Refusal_is_a_refusal(string wire)
    {
        server.Then(FakeReply.Text("I ") with { Ending = FakeEnding.Refuse });
        (await FaultAsync(wire)).Fault.ShouldBe(ModelFault.Refused);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Answer_that_reaches_its_length_is_finished(string wire)
    {
        server.Then(FakeReply.Text("As far as") with { Ending = FakeEnding.Length });
        (await StreamAsync(wire)).ShouldContain(u => u.FinishReason == ChatFinishReason.Length);
    }

    [Theory]
    [InlineData("openai", "server_error")]
    [InlineData("anthropic", "overloaded_error")]
    public async Task Error_inside_the_stream_is_no_answer(string wire, string code)
    {
        server.Then(FakeReply.Text("Half an") with { Ending = FakeEnding.ErrorEvent, ErrorCode = code });
        var error = await FaultAsync(wire);
        error.Fault.ShouldBeOneOf(ModelFault.Overloaded, ModelFault.Cut, ModelFault.BadResponse);
        error.ToString().ShouldNotContain("secret");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Garbage_in_the_stream_is_no_answer(string wire)
    {
        server.Then(FakeReply.Text("Half an") with { Ending = FakeEnding.Garbage });
        (await FaultAsync(wire)).Fault.ShouldBeOneOf(ModelFault.BadResponse, ModelFault.Cut);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Nobody_listening_is_unreachable(string wire)
    {
        await server.DisposeAsync();
        (await FaultAsync(wire)).Fault.ShouldBe(ModelFault.Unreachable);
        server = await FakeModelServer.StartAsync();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Cancelled_stream_stops_as_cancelled(string wire)
    {
        server.Then(FakeReply.Text("Half an") with { Ending = FakeEnding.Stall });
        using var client = ModelWire.Client(server, wire);
        using var cancel = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Hi")], null, cancel.Token))
                await cancel.CancelAsync();
        });
    }

    private static AIFunctionDeclaration Declaration()
    {
        using var schema = JsonDocument.Parse("""{"type":"object","properties":{"order":{"type":"string"}},"required":["order"]}""");
        return AIFunctionFactory.CreateDeclaration("look_up", "Looks an order up.", schema.RootElement.Clone());
    }

    private async Task<List<ChatResponseUpdate>> StreamAsync(string wire, ModelPatience? patience = null)
    {
        using var client = ModelWire.Client(server, wire, patience);
        var options = new ChatOptions { Tools = [Declaration()] };
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "secret question")], options))
            updates.Add(update);
        return updates;
    }

    private async Task<ModelException> FaultAsync(string wire, ModelPatience? patience = null) =>
        await Should.ThrowAsync<ModelException>(() => StreamAsync(wire, patience));
}
