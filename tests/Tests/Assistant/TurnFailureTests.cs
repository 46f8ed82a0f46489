using FsCheck.Fluent;
using Shouldly;
using Tenet.Assistant;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Assistant;

/// <summary>Whatever a model does wrong: one final state, a notice, never two answers.</summary>
public sealed class TurnFailureTests : IAsyncLifetime
{
    private readonly TurnHarness harness = new();
    private FakeModelServer server = null!;

    public static TheoryData<string, FakeReply, ModelFault, bool> Faults
    {
        get
        {
            var data = new TheoryData<string, FakeReply, ModelFault, bool>();
            var begun = FakeReply.Text("Delivery takes ", "four hundred ");
            foreach (var wire in new[] { "openai", "anthropic" })
            {
                data.Add(wire, FakeReply.Error(401, "invalid_api_key"), ModelFault.RefusedKey, false);
                data.Add(wire, FakeReply.Error(404), ModelFault.UnknownModel, false);
                data.Add(wire, FakeReply.Error(429, "rate_limit_error"), ModelFault.RateLimited, false);
                data.Add(wire, FakeReply.Error(500), ModelFault.Overloaded, false);
                data.Add(wire, FakeReply.Error(400, "context_length_exceeded"), ModelFault.ContextTooLong, false);
                data.Add(wire, FakeReply.Call("search_pages", "{\"query\""), ModelFault.InvalidToolJson, false);
                data.Add(wire, FakeReply.Text(), ModelFault.BadResponse, false);
                data.Add(wire, begun with { Ending = FakeEnding.Stall }, ModelFault.Stalled, true);
                data.Add(wire, begun with { Ending = FakeEnding.EndEarly }, ModelFault.Cut, true);
                data.Add(wire, begun with { Ending = FakeEnding.Abort }, ModelFault.Cut, true);
                data.Add(wire, begun with { Ending = FakeEnding.Refuse }, ModelFault.Refused, true);
                data.Add(wire, begun with { Tools = [new FakeToolCall("search_pages", "[")] }, ModelFault.InvalidToolJson, true);
            }
            return data;
        }
    }

    public async ValueTask InitializeAsync() => server = await FakeModelServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Failure_ends_in_one_answer_from_the_pages_with_a_notice(string wire, FakeReply reply, ModelFault fault, bool wasBegun)
    {
        server.Default = reply;
        var trace = await RunAsync(wire);
        trace.Outcome.State.ShouldBe(TurnState.Answered);
        trace.Outcome.Text.ShouldContain("2 to 3 days");
        trace.Outcome.Text.ShouldNotContain("four hundred");
        trace.Shown.ShouldBe(trace.Outcome.Text);
        trace.Restarts.ShouldBe(wasBegun ? 1 : 0);
        var notice = trace.Notices.ShouldHaveSingleItem();
        notice.Code.ShouldBe(char.ToLowerInvariant(fault.ToString()[0]) + fault.ToString()[1..]);
        notice.Text.ShouldBe(Phrases.In("en").FromPages);
        trace.Outcome.Receipt.Fallback.ShouldBe(fault);
        trace.Outcome.Receipt.Provider.ShouldBe(wire, "what left is on the receipt although the answer came from the pages");
        trace.Outcome.Receipt.Sent.ShouldNotBeEmpty();
        trace.Outcome.Citations.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Fault_that_passes_is_tried_again_before_anything_is_shown(int status)
    {
        server.Then(FakeReply.Error(status), FakeReply.Error(status), FakeReply.Text("Two days [1]."));
        var trace = await RunAsync();
        trace.Outcome.Text.ShouldBe("Two days [1].");
        trace.Notices.ShouldBeEmpty();
        trace.Outcome.Receipt.Attempts.ShouldBe(3);
    }

    [Fact]
    public async Task Fault_that_stays_is_not_tried_for_ever()
    {
        server.Default = FakeReply.Error(500);
        (await RunAsync()).Outcome.Receipt.Attempts.ShouldBe(3);
    }

    [Fact]
    public async Task Refused_key_is_not_tried_again()
    {
        server.Default = FakeReply.Error(401);
        (await RunAsync()).Outcome.Receipt.Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task Provider_that_asks_for_a_long_wait_is_not_waited_for()
    {
        server.Default = FakeReply.Error(429, "rate_limit_error", "60");
        var trace = await RunAsync();
        trace.Outcome.Receipt.Attempts.ShouldBe(1);
        trace.Outcome.Receipt.Fallback.ShouldBe(ModelFault.RateLimited);
    }

    [Fact]
    public async Task Stream_that_broke_is_not_asked_for_a_second_answer()
    {
        server.Then(FakeReply.Text("Delivery takes four hundred") with { Ending = FakeEnding.Abort });
        var trace = await RunAsync();
        server.Requests.Count.ShouldBe(1);
        trace.Outcome.Text.ShouldNotContain("four hundred");
    }

    [Fact]
    public async Task Model_that_has_not_begun_in_time_is_given_up()
    {
        harness.Patience = new TurnPatience(TimeSpan.FromMilliseconds(250), 2, TimeSpan.FromMilliseconds(5));
        server.Default = FakeReply.Text("Late") with { Delay = TimeSpan.FromMinutes(1) };
        var trace = await RunAsync();
        trace.Outcome.Receipt.Fallback.ShouldBe(ModelFault.Stalled);
        trace.Outcome.State.ShouldBe(TurnState.Answered);
    }

    [Fact]
    public async Task Time_that_runs_out_between_retries_names_the_fault_behind_it()
    {
        harness.Patience = new TurnPatience(TimeSpan.FromMilliseconds(300), 5, TimeSpan.FromSeconds(30));
        server.Default = FakeReply.Error(503);
        (await RunAsync()).Outcome.Receipt.Fallback.ShouldBe(ModelFault.Overloaded);
    }

    [Fact]
    public void Model_must_begin_early_enough_for_the_pages_to_answer_within_15_seconds()
    {
        TurnPatience.Default.FirstText.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        ModelPatience.Default.Between.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Pages_that_know_nothing_either_say_so()
    {
        harness.Passages.Clear();
        server.Default = FakeReply.Error(500);
        var trace = await RunAsync();
        trace.Outcome.State.ShouldBe(TurnState.NotFound);
        trace.Shown.ShouldBe(Phrases.In("en").NotFound);
        trace.Notices.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Tool_that_throws_does_not_end_the_turn()
    {
        harness.Tools.Add(
            new AssistantTool(
                "boom",
                "b",
                "{}",
                ToolEffect.Reads,
                ToolAuthority.Public,
                [],
                (_, _) => throw new InvalidOperationException("secret")
            )
        );
        server.Then(FakeReply.Call("boom", "{}"));
        var trace = await RunAsync();
        trace.Outcome.State.ShouldBe(TurnState.Answered);
        trace.Outcome.Receipt.Fallback.ShouldBe(ModelFault.BadResponse);
    }

    [Fact]
    public async Task Cancelled_turn_throws_and_completes_nothing()
    {
        server.Then(FakeReply.Text("Delivery") with { Ending = FakeEnding.Stall });
        using var cancel = new CancellationTokenSource();
        var seen = new List<TurnUpdate>();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in harness.Build(server).RunAsync(TurnHarness.Ask("How long does delivery take?"), cancel.Token))
            {
                seen.Add(update);
                if (update is TurnDelta)
                    await cancel.CancelAsync();
            }
        });
        seen.OfType<TurnCompleted>().ShouldBeEmpty();
    }

    [Fact]
    public async Task Whatever_streams_and_however_it_ends_the_reader_sees_one_answer_with_known_citations()
    {
        var pieces = Gen.Elements("Two days ", "[1]", "[", "2", "]", "[9]", " ", "NOT_", "FOUND", "\n", "https://evil.example ", "é")
            .ArrayOf();
        var endings = Gen.Elements(
            FakeEnding.Finish,
            FakeEnding.Length,
            FakeEnding.EndEarly,
            FakeEnding.Refuse,
            FakeEnding.Garbage,
            FakeEnding.ErrorEvent
        );
        var wires = Gen.Elements("openai", "anthropic");
        var cases = pieces.SelectMany(p => endings.SelectMany(e => wires.Select(w => (Deltas: p, Ending: e, Wire: w))));
        foreach (var (deltas, ending, wire) in cases.Sample(300, 12))
        {
            server.Then(FakeReply.Text(deltas) with { Ending = ending });
            var trace = await RunAsync(wire);
            var seen = $"{wire}, {ending}: {string.Join('|', deltas)}";
            trace.Updates[^1].ShouldBeOfType<TurnCompleted>(seen);
            trace.Shown.ShouldBe(trace.Outcome.Text, seen);
            trace.Shown.ShouldNotContain("evil.example ", Case.Sensitive, seen);
            trace.Outcome.Text.ShouldNotBeEmpty(seen);
            trace.Outcome.Citations.ShouldAllBe(n => trace.Outcome.Text.Contains($"[{n.Number}]"), seen);
            trace.Restarts.ShouldBeLessThanOrEqualTo(1, seen);
        }
    }

    private Task<TurnTrace> RunAsync(string wire = "openai") =>
        TurnHarness.RunAsync(harness.Build(server, wire), TurnHarness.Ask("How long does delivery take?"));
}
