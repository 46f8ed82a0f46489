using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Jobs;

public sealed class JobFairnessTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_job_behind_a_hundred_thousand_of_another_workspace_runs_soon()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        nodes.Do = (_, ct) => Task.Delay(1, ct);
        var node = await nodes.StartAsync();
        var (many, few) = (await node.OpenWorkspaceAsync(), await node.OpenWorkspaceAsync());
        await nodes.EnqueueAsync(node, many, 100_000);
        await Eventually.HoldsAsync(() => nodes.Runs.Count > 500, "the many are worked on", _ct);

        await nodes.EnqueueAsync(node, few, 3);
        await Eventually.HoldsAsync(() => nodes.Runs.Count(run => run.WorkspaceId == few.Id) == 3, "the few have run", _ct);

        nodes.Runs.Count.ShouldBeLessThan(50_000);
    }

    [Fact]
    public async Task Long_jobs_of_one_workspace_leave_handlers_to_the_others()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var node = await nodes.StartAsync();
        var (slow, quick) = (await node.OpenWorkspaceAsync(), await node.OpenWorkspaceAsync());
        nodes.Do = (run, ct) => run.WorkspaceId == slow.Id ? Task.Delay(Timeout.Infinite, ct) : Task.CompletedTask;
        await nodes.EnqueueAsync(node, slow, 100);
        await Eventually.HoldsAsync(() => nodes.Runs.Count >= new JobOptions().Parallelism / 2, "the slow ones run", _ct);

        await nodes.EnqueueAsync(node, quick, 40);

        await Eventually.HoldsAsync(() => nodes.Runs.Count(run => run.WorkspaceId == quick.Id) == 40, "the quick ones have run", _ct);
    }

    [Fact]
    public async Task Every_workspace_of_very_many_comes_to_its_turn()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var node = await nodes.StartAsync();
        await nodes.AsOwnerAsync<object>(
            """
            with opened as (
              insert into kernel.workspace (id, name, slug) select gen_random_uuid(), 'Shop', 'many-' || n from generate_series(1, 2300) n
              returning id)
            insert into kernel.job (workspace_id, id, kind, subject_id) select id, gen_random_uuid(), 'test.work', id from opened
            """
        );

        await Eventually.HoldsAsync(() => nodes.Runs.Count == 2300, "all have run", _ct);
        nodes.Runs.Select(run => run.WorkspaceId).Distinct().Count().ShouldBe(2300);
    }
}
