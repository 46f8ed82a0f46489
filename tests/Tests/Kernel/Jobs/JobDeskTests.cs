using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Jobs;

public sealed class JobDeskTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_runs_waits_and_failed_is_told_and_what_failed_can_be_retried_or_discarded()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var node = await nodes.StartAsync();
        var (workspace, other) = (await node.OpenWorkspaceAsync(), await node.OpenWorkspaceAsync());
        await nodes.AsOwnerAsync<object>(
            $"""
            insert into kernel.job (workspace_id, id, kind, subject_id, run_at, attempt, claimed_by, lease_until, dead_at, last_error) values
              ('{workspace.Id}', gen_random_uuid(), 'test.other', gen_random_uuid(), now(), 1, gen_random_uuid(), now() + interval '1 hour', null, null),
              ('{workspace.Id}', gen_random_uuid(), 'test.other', gen_random_uuid(), now() + interval '1 hour', 2, null, null, null, 'IOException'),
              ('{workspace.Id}', gen_random_uuid(), 'test.work', gen_random_uuid(), now(), 3, null, null, now() - interval '1 minute', 'IOException'),
              ('{workspace.Id}', gen_random_uuid(), 'test.work', gen_random_uuid(), now(), 3, null, null, now(), 'Abandoned'),
              ('{other.Id}', gen_random_uuid(), 'test.work', gen_random_uuid(), now(), 3, null, null, now(), 'IOException')
            """
        );

        var seen = await node.Door.RunAsync(workspace.Id, Actor.System, ctx => JobDesk.ReadAsync(ctx, _ct), _ct);
        seen.Running.ShouldHaveSingleItem().Kind.ShouldBe("test.other");
        seen.Waiting.ShouldHaveSingleItem().Retries.ShouldBe(1);
        seen.Failed.Select(job => job.Error).ShouldBe(["Abandoned", "IOException"]);

        await node.Door.RunAsync(workspace.Id, Actor.System, ctx => JobDesk.DiscardAsync(ctx, seen.Failed[0].Id, _ct), _ct);
        await node.Door.RunAsync(workspace.Id, Actor.System, ctx => JobDesk.RetryAsync(ctx, seen.Failed[1].Id, _ct), _ct);
        await Eventually.HoldsAsync(() => nodes.Runs.Count == 1, "the retried one has run", _ct);

        nodes.Runs.Single().Attempt.ShouldBe(1);
        (await node.Door.RunAsync(workspace.Id, Actor.System, ctx => JobDesk.ReadAsync(ctx, _ct), _ct)).Failed.ShouldBeEmpty();
        await Should.ThrowAsync<NotFoundException>(() =>
            node.Door.RunAsync(other.Id, Actor.System, ctx => JobDesk.RetryAsync(ctx, seen.Failed[0].Id, _ct), _ct)
        );
    }

    [Fact]
    public async Task A_failed_job_whose_work_waits_anew_is_not_done_twice()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var node = await nodes.StartAsync();
        var workspace = await node.OpenWorkspaceAsync();
        await nodes.AsOwnerAsync<object>(
            $"""
            insert into kernel.job (workspace_id, id, kind, subject_id, unique_key, run_at, dead_at) values
              ('{workspace.Id}', gen_random_uuid(), 'test.work', gen_random_uuid(), 'one', now(), now()),
              ('{workspace.Id}', gen_random_uuid(), 'test.work', gen_random_uuid(), 'one', now() + interval '1 hour', null)
            """
        );
        var failed = (await node.Door.RunAsync(workspace.Id, Actor.System, ctx => JobDesk.ReadAsync(ctx, _ct), _ct)).Failed.Single();

        await node.Door.RunAsync(workspace.Id, Actor.System, ctx => JobDesk.RetryAsync(ctx, failed.Id, _ct), _ct);

        (await nodes.AsOwnerAsync<long>("select count(*) from kernel.job")).ShouldBe(1);
    }
}
