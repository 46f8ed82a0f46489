using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
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
