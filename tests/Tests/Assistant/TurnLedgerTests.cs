using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Assistant;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Assistant;

public sealed class TurnLedgerTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly TestHost host = cluster.Host;
    private readonly Guid turnId = Guid.CreateVersion7();
    private Workspace workspace = null!;

    public async ValueTask InitializeAsync() => workspace = await host.OpenWorkspaceAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Turn_that_began_ends_in_its_state_with_its_receipt()
    {
        await RunAsync(b => TurnLedger.Begin(b, turnId));
        (await StateAsync()).ShouldBe("running");
        await RunAsync(b => TurnLedger.Complete(b, turnId, Outcome(TurnState.Answered), attempt: 1));
        (await StateAsync()).ShouldBe("answered");
        (
            await OwnAsync<string>(
                "select array_to_string(data_classes, ',') || ' ' || recipients[1] || ' ' || fallback from assistant.turn"
            )
        ).ShouldBe("user.content.private,system.content.website models.example rate_limited");
        (await OwnAsync<long>("select tokens_in + tokens_out from assistant.usage")).ShouldBe(30);
    }

    [Fact]
    public async Task Second_end_changes_nothing_and_counts_nothing()
    {
        await RunAsync(b => TurnLedger.Complete(b, turnId, Outcome(TurnState.Answered)));
        await RunAsync(b => TurnLedger.Complete(b, turnId, Outcome(TurnState.Failed)));
        await RunAsync(b => TurnLedger.Begin(b, turnId));
        (await StateAsync()).ShouldBe("answered");
        (await OwnAsync<int>("select turns from assistant.usage")).ShouldBe(1);
    }

    [Fact]
    public async Task Late_finisher_of_an_earlier_attempt_does_not_win()
    {
        await RunAsync(b => TurnLedger.Begin(b, turnId));
        await RunAsync(b => TurnLedger.Begin(b, turnId));
        await RunAsync(b => TurnLedger.Complete(b, turnId, Outcome(TurnState.Failed), attempt: 1));
        (await StateAsync()).ShouldBe("running");
        await RunAsync(b => TurnLedger.Complete(b, turnId, Outcome(TurnState.Answered), attempt: 2));
        (await StateAsync()).ShouldBe("answered");
    }

    [Fact]
    public async Task Many_finishers_at_once_leave_one_end()
    {
        await RunAsync(b => TurnLedger.Begin(b, turnId));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunAsync(b => TurnLedger.Complete(b, turnId, Outcome(TurnState.NotFound)))));
        (await OwnAsync<int>("select turns from assistant.usage")).ShouldBe(1);
    }

    [Fact]
    public async Task Turns_of_a_day_add_up_to_its_budget()
    {
        foreach (var _ in Enumerable.Range(0, 3))
            await RunAsync(b => TurnLedger.Complete(b, Guid.CreateVersion7(), Outcome(TurnState.Answered)));
        await RunAsync(b => TurnLedger.Complete(b, Guid.CreateVersion7(), Outcome(TurnState.Answered), origin: TurnOrigin.TestBench));
        var report = await host.Door.RunAsync(workspace.Id, Actor.System, ctx => UsageReport.ReadAsync(ctx, default), default);
        report.Today.ShouldBe(120);
        report.Limit.ShouldBe(500_000);
        report.Turns["answered"].ShouldBe(3, "the test bench is no conversation");
    }

    [Fact]
    public async Task Thumb_is_kept_with_the_turn()
    {
        await RunAsync(b => TurnLedger.Complete(b, turnId, Outcome(TurnState.Answered)));
        await host.Door.RunAsync(workspace.Id, Actor.System, ctx => TurnLedger.RateAsync(ctx, turnId, false, default), default);
        var report = await host.Door.RunAsync(workspace.Id, Actor.System, ctx => UsageReport.ReadAsync(ctx, default), default);
        (report.Helpful, report.NotHelpful).ShouldBe((0, 1));
    }

    private static TurnOutcome Outcome(TurnState state) =>
        new(
            state,
            "Text",
            [],
            new Receipt(
                "openai",
                "fake",
                [new("user.content.private", "models.example"), new("system.content.website", "models.example")],
                ["system.operations"],
                2,
                20,
                10,
                false,
                1,
                ModelFault.RateLimited,
                TimeSpan.FromMilliseconds(321)
            )
        );

    private Task RunAsync(Action<SqlBatch> build) => host.Door.BatchAsync(workspace.Id, Actor.Assistant, build, default);

    private Task<string?> StateAsync() => OwnAsync<string>("select state from assistant.turn");

    private Task<T?> OwnAsync<T>(string select) => host.AsOwnerAsync<T>($"{select} where workspace_id = $1", workspace.Id);
}
