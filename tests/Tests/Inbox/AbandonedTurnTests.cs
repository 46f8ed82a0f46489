using System.Net.Http.Json;
using Shouldly;
using Tenet.Inbox;
using Tenet.Inbox.Answers;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Inbox;

public sealed class AbandonedTurnTests(TestCluster cluster)
{
    [Fact]
    public async Task A_turn_that_a_person_cuts_short_ends_abandoned_and_stays_so()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var slow = FakeReply.Text("You can ", "exchange it.") with { Gap = TimeSpan.FromSeconds(30) };
        await using var model = await host.UseModelAsync(workspace, slow);
        using var admin = await host.SignInAsync(workspace, Access.Admin);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        var said = await visitor.SayAsync("Can I exchange the tent?");
        await visitor.ListenAsync(e => e.Name == "delta" && e.Text.Length > 0);

        var conversation = said.GetProperty("conversationId").GetGuid();
        (await admin.PutAsJsonAsync($"/api/inbox/conversations/{conversation}/assignment", new { })).EnsureSuccessStatusCode();

        await host.WaitUntilAsync(
            "select exists (select from assistant.turn where workspace_id = $1 and state = 'abandoned')",
            workspace.Id
        );
        (
            await host.AsOwnerAsync<string>(
                """
                select concat_ws(' ', count(*), bool_and(completed_at is not null), string_agg(state, ','))
                  from assistant.turn where workspace_id = $1
                """,
                workspace.Id
            )
        ).ShouldBe("1 t abandoned");
        (
            await host.AsOwnerAsync<long>("select count(*) from kernel.job where kind = 'inbox.answer' and workspace_id = $1", workspace.Id)
        ).ShouldBe(0);
        (
            await host.AsOwnerAsync<long>(
                "select count(*) from inbox.message where author = 'assistant' and workspace_id = $1",
                workspace.Id
            )
        ).ShouldBe(0);
    }

    [Fact]
    public void Live_answer_stays_while_something_else_changes_and_goes_when_its_turn_ends()
    {
        var (turn, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var live = LiveTurn.Follow(null, new AnswerDelta(turn, 0, "You can"));

        live = LiveTurn.Follow(live, new ConversationChanged());
        live = LiveTurn.Follow(live, Posted(MessageAuthor.Visitor, other));
        live = LiveTurn.Follow(live, Posted(MessageAuthor.Assistant, other));
        live = LiveTurn.Follow(live, new TurnEnded(other));

        live.ShouldNotBeNull().Text.ShouldBe("You can");
        LiveTurn.Follow(live, Posted(MessageAuthor.Assistant, turn)).ShouldBeNull();
        LiveTurn.Follow(live, new TurnEnded(turn)).ShouldBeNull();
    }

    private static MessagePosted Posted(MessageAuthor author, Guid turnId) =>
        new(
            new Message
            {
                ConversationId = Guid.CreateVersion7(),
                Id = Guid.CreateVersion7(),
                Seq = 1,
                Author = author,
                Text = "…",
                TurnId = turnId,
                At = DateTimeOffset.UnixEpoch,
            }
        );
}
