using System.Net.Http.Json;
using Shouldly;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Crash;

public sealed class KilledInMidAnswerTests(TestCluster cluster)
{
    [Fact]
    public async Task A_host_killed_in_mid_answer_leaves_one_question_and_one_answer()
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeReply.Text("You can ", "exchange it.") with { Gap = TimeSpan.FromSeconds(6) };
        await using var setup = await cluster.StartHostAsync(background: false);
        var workspace = await setup.OpenWorkspaceAsync();
        using (var admin = await setup.SignInAsync(workspace, "admin"))
        {
            (
                await admin.PutAsJsonAsync(
                    "/api/assistant/settings",
                    new
                    {
                        provider = "compatible",
                        model = "fake",
                        baseUrl = model.OpenAi.ToString(),
                        key = "k-123456",
                    }
                )
            ).EnsureSuccessStatusCode();
        }
        await using var tenet = new TenetProcess(setup.AdminConnectionString, cluster.MasterKeyFile, model.Address.Authority);
        await tenet.StartAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(setup, workspace, at: tenet.Address);
        await visitor.SayAsync("Can I exchange the tent?");
        await visitor.ListenAsync(e => e.Name == "delta" && e.Text.Length > 0);

        await tenet.KillAsync();
        model.Default = FakeReply.Text("You can ", "exchange it.");
        await tenet.StartAsync();

        await visitor.UntilAnsweredAsync();
        await setup.WaitUntilAsync(
            "select not exists (select from kernel.job where kind = 'inbox.answer' and workspace_id = $1)",
            workspace.Id
        );
        (
            await setup.AsOwnerAsync<string>(
                "select string_agg(author, ' ' order by seq) from inbox.message where workspace_id = $1",
                workspace.Id
            )
        ).ShouldBe("visitor assistant");
        (
            await setup.AsOwnerAsync<string>("select string_agg(state, ' ') from assistant.turn where workspace_id = $1", workspace.Id)
        ).ShouldBe("answered");
    }
}
