using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Closings;
using Tenet.Privacy.Erasures;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class RestoredWorkspaceTests(TestCluster cluster)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_starts_on_a_backup_from_before_a_workspace_was_closed_deletes_it_again_and_no_other()
    {
        var database = await cluster.CreateDatabaseAsync();
        Workspace gone;
        Workspace stays;
        await using (var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null, background: false))
        {
            (gone, stays) = (await OpenAsync(host), await OpenAsync(host));
        }
        NpgsqlConnection.ClearAllPools();
        var backup = await cluster.CopyOfAsync(database);
        await using (var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null, background: false))
        {
            await DeleteAsync(host, gone);
        }

        await using (var restored = await TestHost.StartAsync(backup, cluster.MasterKeyFile, null))
        {
            await restored.WaitUntilAsync(
                "select count(*) = 1 from privacy.closing_part where workspace_id = $1 and part = 'everything' and purged_at is not null",
                gone.Id
            );
            (await MessagesAsync(restored, gone)).ShouldBe(0);
            (await MessagesAsync(restored, stays)).ShouldBe(1);
            (await restored.AsOwnerAsync<bool>("select closed_at is null from kernel.workspace where id = $1", stays.Id)).ShouldBeTrue();
        }
        await using var again = await TestHost.StartAsync(backup, cluster.MasterKeyFile, null, background: false);
        // It is under way or done: a second start begins nothing.
        (await again.Services.GetRequiredService<ReplayErasures>().RunIfAheadAsync(gone.Id, Ct)).ShouldBe(new ReplayedErasures(0, 0));
        (await again.AsOwnerAsync<long>("select count(*) from privacy.closing where workspace_id = $1", gone.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_backup_from_between_the_closing_and_the_purge_is_purged_at_once_and_nobody_can_reopen_it()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await OpenAsync(host);
        var owner = await host.JoinAsync(workspace, Access.Owner);
        var closing = await CloseAsync(host, workspace);
        var replay = host.Services.GetRequiredService<ReplayErasures>();
        (await replay.RunAsync(workspace.Id, Ct)).ShouldBe(new ReplayedErasures(0, 0), "closed, and nothing outside says that it is gone");
        // As the purge of another database would have left it.
        await host
            .Services.GetRequiredService<ErasureLedger>()
            .CopyOutsideAsync(workspace.Id, closing.Id, closing.ClosedAt, [closing.Reference], Ct);

        (await replay.RunIfAheadAsync(workspace.Id, Ct)).ShouldBe(new ReplayedErasures(0, 0, true));

        await Should.ThrowAsync<ConflictException>(() =>
            host.Door.RunAsync(workspace.Id, Actor.Member(owner.Member.Id), ctx => CloseWorkspace.ReopenAsync(ctx, Ct), Ct)
        );
        (
            await host.AsOwnerAsync<long>(
                "select count(*) from kernel.job where workspace_id = $1 and kind = $2 and run_at <= clock_timestamp()",
                workspace.Id,
                PurgeWorkspace.Kind
            )
        ).ShouldBe(1);
        await RunAsync(host, workspace, closing.Id);
        (await MessagesAsync(host, workspace)).ShouldBe(0);
    }

    private static async Task<Workspace> OpenAsync(TestHost host)
    {
        var workspace = await host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        await visitor.SayAsync("Where are you?");
        return workspace;
    }

    private static Task<Closing> CloseAsync(TestHost host, Workspace workspace) =>
        host.Door.RunAsync(workspace.Id, Actor.System, ctx => ctx.Services.GetRequiredService<CloseWorkspace>().CloseAsync(ctx, Ct), Ct);

    private static async Task DeleteAsync(TestHost host, Workspace workspace)
    {
        var closing = await CloseAsync(host, workspace);
        foreach (var (table, column, key) in new[] { ("closing_part", "begins_at", "closing_id"), ("closing", "purge_at", "id") })
        {
            await host.AsOwnerAsync<object>(
                $"update privacy.{table} set {column} = now() - interval '1 minute' where {key} = $1",
                closing.Id
            );
        }
        // What the deletion itself asks for has to end before it does, here without a worker.
        await RunAsync(host, workspace, closing.Id);
        await host.AsOwnerAsync<object>("delete from kernel.job where workspace_id = $1 and kind <> $2", workspace.Id, PurgeWorkspace.Kind);
        await RunAsync(host, workspace, closing.Id);
        var certificate = await host.AsOwnerAsync<string>("select certificate from privacy.closing where id = $1", closing.Id);
        DeletionCertificate.Verify(Encoding.UTF8.GetBytes(certificate!)).Scope.ShouldBe("workspace");
    }

    private static async Task RunAsync(TestHost host, Workspace workspace, Guid closing)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope
            .ServiceProvider.GetRequiredService<PurgeWorkspace>()
            .RunAsync(new JobRun(workspace.Id, Guid.CreateVersion7(), closing, 1), Ct);
    }

    private static Task<long> MessagesAsync(TestHost host, Workspace workspace) =>
        host.AsOwnerAsync<long>("select count(*) from inbox.message where workspace_id = $1 and author = 'visitor'", workspace.Id);
}
