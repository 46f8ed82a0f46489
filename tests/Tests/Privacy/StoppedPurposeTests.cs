using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class StoppedPurposeTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_a_purpose_has_no_basis_nothing_is_done_for_it()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        foreach (var purpose in Purposes.Stoppable)
        {
            await DoAsync(workspace, ctx => Purposes.StopAsync(ctx, purpose, "The contract has ended.", Ct));
        }

        (await AsksForTurnAsync(workspace)).ShouldBeFalse();
        (await WantsNewsAsync(workspace)).ShouldBe(HttpStatusCode.Conflict);

        foreach (var purpose in Purposes.Stoppable)
        {
            await DoAsync(workspace, ctx => Purposes.ResumeAsync(ctx, purpose, Ct));
        }
        (await AsksForTurnAsync(workspace)).ShouldBeTrue();
        (await WantsNewsAsync(workspace)).ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_purpose_that_no_code_asks_about_cannot_be_stopped()
    {
        var workspace = await _host.OpenWorkspaceAsync();

        await Should.ThrowAsync<RuleException>(() =>
            DoAsync(workspace, ctx => Purposes.StopAsync(ctx, "essential.service.account", "The contract has ended.", Ct))
        );
    }

    private Task DoAsync(Workspace workspace, Func<WorkspaceContext, Task> work) =>
        _host.Door.RunAsync(workspace.Id, Actor.System, work, Ct);

    private async Task<bool> AsksForTurnAsync(Workspace workspace)
    {
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        return (await visitor.SayAsync("Is Zermatt far?")).GetProperty("turnId").ValueKind != JsonValueKind.Null;
    }

    private async Task<HttpStatusCode> WantsNewsAsync(Workspace workspace)
    {
        using var client = _host.Client();
        var wish = new { workspace = workspace.Slug, email = "news@example.org" };
        using var answer = await client.PostAsJsonAsync("/api/privacy/marketing", wish, Ct);
        return answer.StatusCode;
    }
}
