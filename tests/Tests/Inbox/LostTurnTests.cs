using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Inbox.Answers;
using Tenet.Kernel.Events;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Inbox;

public sealed class LostTurnTests(TestCluster cluster)
{
    [Fact]
    public async Task A_turn_that_takes_its_host_down_again_and_again_ends_with_an_apology()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        await using var model = await host.UseModelAsync(workspace, FakeReply.Text("It is ", "here."));
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        var lost = await LostTurn.LeaveAsync(host, workspace, visitor.VisitorId);

        await host.AsOwnerAsync<object>("update kernel.job set run_at = now(), attempt = 4 where subject_id = $1", lost.TurnId);

        await host.WaitUntilAsync(
            "select exists (select from inbox.message where turn_id = $1 and author = 'assistant' and turn_state = 'failed')",
            lost.TurnId
        );
        await host.WaitUntilAsync("select not exists (select from kernel.job where subject_id = $1)", lost.TurnId);
        (await host.AsOwnerAsync<string>("select state from assistant.turn where id = $1", lost.TurnId)).ShouldBe("failed");
        model.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_turn_whose_host_was_killed_is_answered_by_its_watch()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        var lost = await LostTurn.LeaveAsync(host, workspace, visitor.VisitorId);

        await host.AsOwnerAsync<object>("update kernel.job set run_at = now() where subject_id = $1", lost.TurnId);

        await visitor.UntilAnsweredAsync();
        await host.WaitUntilAsync("select not exists (select from kernel.job where subject_id = $1)", lost.TurnId);
    }

    [Fact]
    public async Task Readers_read_again_when_events_of_other_hosts_may_have_been_missed()
    {
        await using var app = await KernelApp.StartAsync(cluster, await cluster.CreateDatabaseAsync());
        var hub = app.Services.GetRequiredService<EventHub>();
        using var feed = new ConversationFeed(hub);
        using var reader = feed.Join(Guid.CreateVersion7(), Guid.CreateVersion7());

        hub.Resync();

        reader.Items.TryRead(out var item).ShouldBeTrue();
        item.ShouldBeOfType<ConversationChanged>();
    }
}
