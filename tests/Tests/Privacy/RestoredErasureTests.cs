using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Requests;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class RestoredErasureTests(TestCluster cluster)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_starts_on_a_backup_from_before_an_erasure_erases_that_person_again_and_nobody_else()
    {
        var database = await cluster.CreateDatabaseAsync();
        Workspace workspace;
        Guid gone;
        Guid stays;
        await using (var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null, background: false))
        {
            workspace = await host.OpenWorkspaceAsync();
            using var first = await WidgetVisitor.ArriveAsync(host, workspace);
            using var second = await WidgetVisitor.ArriveAsync(host, workspace);
            await first.SayAsync("Please forget this");
            (gone, stays) = (first.VisitorId, second.VisitorId);
        }
        NpgsqlConnection.ClearAllPools();
        var backup = await cluster.CopyOfAsync(database);
        await using (var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null, background: false))
        {
            await EraseAsync(host, workspace, gone);
        }

        await using (var restored = await TestHost.StartAsync(backup, cluster.MasterKeyFile, null))
        {
            await restored.WaitUntilAsync(
                "select count(*) = 1 from privacy.erasure where workspace_id = $1 and state = 'done' and ground = 'duty'",
                workspace.Id
            );
            (await restored.AsOwnerAsync<Guid>("select id from inbox.visitor where workspace_id = $1", workspace.Id)).ShouldBe(stays);
            (await restored.AsOwnerAsync<long>("select count(*) from inbox.message where workspace_id = $1", workspace.Id)).ShouldBe(0);
        }
        await using var again = await TestHost.StartAsync(backup, cluster.MasterKeyFile, null, background: false);
        (await again.Services.GetRequiredService<ReplayErasures>().RunIfAheadAsync(workspace.Id, Ct)).ShouldBe(new ReplayedErasures(0, 0));
        (await again.AsOwnerAsync<long>("select count(*) from privacy.erasure_replay where workspace_id = $1", workspace.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_request_that_was_answered_after_the_backup_ends_with_the_erasure_that_is_done_again()
    {
        var database = await cluster.CreateDatabaseAsync();
        Workspace workspace;
        Guid request;
        TestMember owner;
        await using (var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null, background: false))
        {
            workspace = await host.OpenWorkspaceAsync();
            owner = await host.JoinAsync(workspace, Access.Owner);
            using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
            await visitor.SayAsync("Please forget this");
            await host.AsOwnerAsync<object>("update inbox.visitor set email = 'kim@example.org' where id = $1", visitor.VisitorId);
            using var client = host.Client();
            using var asked = await client.PostAsJsonAsync(
                "/api/privacy/delete",
                new { workspace = workspace.Slug, email = "kim@example.org" },
                Ct
            );
            request = (await asked.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetGuid();
            await StepAsync(owner, request, "verification", new { reason = "Known from a call back to the number on file" });
        }
        NpgsqlConnection.ClearAllPools();
        var backup = await cluster.CopyOfAsync(database);
        await using (var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null))
        {
            await host.Door.RunAsync(
                workspace.Id,
                Actor.Member(owner.Member.Id),
                ctx => host.Services.GetRequiredService<AnswerRequest>().FulfilAsync(ctx, request, null, Ct),
                Ct
            );
            await host.WaitUntilAsync("select state = 'done' from privacy.request where id = $1", request);
        }

        await using var restored = await TestHost.StartAsync(backup, cluster.MasterKeyFile, null);

        await restored.WaitUntilAsync(
            "select state = 'done' and email is null and person_id is null from privacy.request where id = $1",
            request
        );
        (
            await restored.AsOwnerAsync<bool>(
                "select e.state = 'done' and e.ground = 'duty' from privacy.request r join privacy.erasure e on e.id = r.erasure_id where r.id = $1",
                request
            )
        ).ShouldBeTrue();
        (await restored.AsOwnerAsync<long>("select count(*) from inbox.visitor where workspace_id = $1", workspace.Id)).ShouldBe(0);
    }

    private static async Task StepAsync(TestMember by, Guid request, string step, object body)
    {
        using var answer = await by.Client.PostAsJsonAsync($"/api/privacy/requests/{request}/{step}", body, Ct);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task EraseAsync(TestHost host, Workspace workspace, Guid person)
    {
        var id = await host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            ctx => host.Services.GetRequiredService<BeginErasure>().RunAsync(ctx, [person], ErasureGround.Request, Ct),
            Ct
        );
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ErasePerson>().RunAsync(new JobRun(workspace.Id, Guid.CreateVersion7(), id, 1), Ct);
    }
}
