using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Jobs;

public sealed class JobLeaseTests(TestCluster cluster)
{
    private static readonly JobOptions Short = new()
    {
        Lease = TimeSpan.FromSeconds(1),
        Poll = TimeSpan.FromMilliseconds(100),
        Drain = TimeSpan.FromSeconds(1),
    };

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_that_outlasts_its_lease_many_times_stays_with_its_node()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var (one, _) = (await nodes.StartAsync(Short), await nodes.StartAsync(Short));
        var gate = new TaskCompletionSource();
        nodes.Do = (_, ct) => gate.Task.WaitAsync(ct);
        await nodes.EnqueueAsync(one, await one.OpenWorkspaceAsync(), 1);
        await Eventually.HoldsAsync(() => nodes.Runs.Count == 1, "it runs", _ct);
        var first = await nodes.AsOwnerAsync<DateTime>("select lease_until from kernel.job");

        await Eventually.HoldsAsync(
            async () => await nodes.AsOwnerAsync<DateTime>("select lease_until from kernel.job") > first.AddSeconds(3),
            "its lease was renewed several times",
            _ct
        );
        gate.SetResult();
        await Eventually.HoldsAsync(async () => await nodes.AsOwnerAsync<long>("select count(*) from kernel.job") == 0, "it is done", _ct);

        nodes.Runs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_lost_its_lease_is_told_and_settles_nothing()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var node = await nodes.StartAsync(Short);
        var told = new TaskCompletionSource();
        nodes.Do = async (_, ct) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            finally
            {
                told.TrySetResult();
            }
        };
        await nodes.EnqueueAsync(node, await node.OpenWorkspaceAsync(), 1);
        await Eventually.HoldsAsync(() => nodes.Runs.Count == 1, "it runs", _ct);

        await nodes.AsOwnerAsync<object>(
            "update kernel.job set claimed_by = gen_random_uuid(), attempt = attempt + 1, lease_until = now() + interval '1 hour'"
        );

        await told.Task.WaitAsync(TimeSpan.FromSeconds(30), _ct);
        await node.StopAsync();
        (
            await nodes.AsOwnerAsync<bool>("select attempt = 2 and claimed_by is not null and lease_until > now() from kernel.job")
        ).ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_whose_clock_has_jumped_steals_nothing_and_delays_nothing()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var (ahead, behind) = (new ShiftedTime(), new ShiftedTime());
        var one = await nodes.StartAsync(Short with { Lease = TimeSpan.FromSeconds(30) });
        var workspace = await one.OpenWorkspaceAsync();
        var gate = new TaskCompletionSource();
        nodes.Do = (_, ct) => gate.Task.WaitAsync(ct);
        await nodes.EnqueueAsync(one, workspace, 1);
        await Eventually.HoldsAsync(() => nodes.Runs.Count == 1, "it runs", _ct);

        ahead.Advance(TimeSpan.FromHours(5));
        behind.Advance(TimeSpan.FromHours(-5));
        var (early, late) = (await nodes.StartAsync(Short, ahead), await nodes.StartAsync(Short, behind));
        foreach (var node in new[] { early, late })
        {
            await node.Door.BatchAsync(
                workspace.Id,
                Tenet.Kernel.Workspaces.Actor.System,
                batch => batch.Enqueue(QueueNodes.Kind, workspace.Id),
                _ct
            );
        }
        await Eventually.HoldsAsync(() => nodes.Runs.Count >= 3, "what they asked for runs at once", _ct);
        gate.SetResult();
        await Eventually.HoldsAsync(async () => await nodes.AsOwnerAsync<long>("select count(*) from kernel.job") == 0, "all is done", _ct);

        nodes.Runs.Count.ShouldBe(3);
        nodes.Runs.ShouldAllBe(run => run.Attempt == 1);
    }

    [Fact]
    public async Task A_running_job_may_end_while_its_node_stops()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var node = await nodes.StartAsync(Short with { Drain = TimeSpan.FromSeconds(30) });
        var workspace = await node.OpenWorkspaceAsync();
        var gate = new TaskCompletionSource();
        nodes.Do = (_, ct) => gate.Task.WaitAsync(ct);
        await nodes.EnqueueAsync(node, workspace, 1);
        await Eventually.HoldsAsync(() => nodes.Runs.Count == 1, "it runs", _ct);

        var stopping = node.StopAsync();
        await nodes.EnqueueAsync(node, workspace, 1);
        gate.SetResult();
        await stopping;

        nodes.Runs.Count.ShouldBe(1);
        (await nodes.AsOwnerAsync<bool>("select attempt = 0 and claimed_by is null from kernel.job")).ShouldBeTrue();
    }

    [Fact]
    public async Task Ends_of_jobs_that_could_not_be_written_are_written_when_the_database_is_back()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var node = await nodes.StartAsync();
        nodes.Do = (_, _) =>
            nodes.AsOwnerAsync<long>(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and usename = 'tenet_system'"
            );
        await nodes.EnqueueAsync(node, await node.OpenWorkspaceAsync(), 20);

        await Eventually.HoldsAsync(async () => await nodes.AsOwnerAsync<long>("select count(*) from kernel.job") == 0, "all is done", _ct);

        nodes.Runs.Select(run => run.JobId).Distinct().Count().ShouldBe(20);
    }
}
