using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Jobs;

public sealed class JobTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Kind = "test.work";
    private static readonly JobOptions Quick = new() { Poll = TimeSpan.FromMilliseconds(100), Drain = TimeSpan.FromSeconds(1) };
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly Work _work = new();
    private readonly List<KernelApp> _nodes = [];
    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync();

    [Fact]
    public async Task Each_job_runs_once_among_two_nodes()
    {
        var (one, _) = (await NodeAsync(), await NodeAsync());
        var (a, b) = (await one.OpenWorkspaceAsync(), await one.OpenWorkspaceAsync());
        var subjects = Enumerable.Range(0, 80).Select(_ => Guid.CreateVersion7()).ToList();

        foreach (var subject in subjects)
        {
            await EnqueueAsync(one, subject.GetHashCode() % 2 == 0 ? a : b, subject);
        }
        await NoneLeftAsync();

        _work.Runs.Select(run => run.SubjectId).Order().ShouldBe(subjects.Order());
        _work.Runs.ShouldAllBe(run => run.Attempt == 1 && run.WorkspaceId == (run.SubjectId.GetHashCode() % 2 == 0 ? a.Id : b.Id));
    }

    [Fact]
    public async Task A_unique_key_makes_one_job_and_the_earlier_wish_counts()
    {
        var node = await NodeAsync();
        var workspace = await node.OpenWorkspaceAsync();

        await EnqueueAsync(node, workspace, Guid.CreateVersion7(), TimeSpan.FromHours(2), "one");
        await EnqueueAsync(node, workspace, Guid.CreateVersion7(), TimeSpan.FromHours(9), "one");
        (await CountAsync("true")).ShouldBe(1);
        _work.Runs.ShouldBeEmpty();
        await EnqueueAsync(node, workspace, Guid.CreateVersion7(), null, "one");
        await NoneLeftAsync();

        _work.Runs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_in_another_workspace_is_another_job()
    {
        var node = await NodeAsync();
        foreach (var workspace in new[] { await node.OpenWorkspaceAsync(), await node.OpenWorkspaceAsync() })
        {
            await EnqueueAsync(node, workspace, Guid.CreateVersion7(), null, "one");
        }
        await NoneLeftAsync();

        _work.Runs.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_job_asked_for_again_while_it_runs_runs_once_more()
    {
        var node = await NodeAsync();
        var workspace = await node.OpenWorkspaceAsync();
        var gate = new TaskCompletionSource();
        _work.Do = async (_, ct) => await gate.Task.WaitAsync(ct);

        await EnqueueAsync(node, workspace, Guid.CreateVersion7(), null, "one");
        await Eventually.HoldsAsync(() => _work.Runs.Count == 1, "the job runs", _ct);
        for (var n = 0; n < 3; n++)
        {
            await EnqueueAsync(node, workspace, Guid.CreateVersion7(), null, "one");
        }
        gate.SetResult();
        await NoneLeftAsync();

        _work.Runs.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_withdrawn_job_does_not_run()
    {
        var node = await NodeAsync();
        var workspace = await node.OpenWorkspaceAsync();
        await EnqueueAsync(node, workspace, Guid.CreateVersion7(), TimeSpan.FromHours(1), "one");

        await node.Door.BatchAsync(workspace.Id, Actor.System, batch => batch.Withdraw(Kind, "one"), _ct);

        (await CountAsync("true")).ShouldBe(0);
    }

    [Fact]
    public async Task A_failing_job_is_tried_again_later_and_put_aside_in_the_end()
    {
        var node = await NodeAsync();
        var workspace = await node.OpenWorkspaceAsync();
        _work.Do = (_, _) => throw new InvalidOperationException("a secret of somebody");

        await EnqueueAsync(node, workspace, Guid.CreateVersion7(), null, "one");
        await Eventually.HoldsAsync(
            async () => await CountAsync("attempt = 1 and claimed_by is null and run_at > created_at") == 1,
            "the first attempt has failed",
            _ct
        );
        while (await CountAsync("dead_at is null") > 0)
        {
            await PassAsync(TimeSpan.FromMinutes(1));
            await Task.Delay(50, _ct);
        }

        _work.Runs.Select(run => run.Attempt).ShouldBe([1, 2, 3]);
        (await TextAsync("select last_error from kernel.job")).ShouldBe(nameof(InvalidOperationException));
        // A dead job does not stand in the way of a new one.
        _work.Do = null;
        await EnqueueAsync(node, workspace, Guid.CreateVersion7(), null, "one");
        await Eventually.HoldsAsync(() => _work.Runs.Count == 4, "the new job has run", _ct);
    }

    [Fact]
    public async Task The_job_of_a_killed_node_comes_back_when_its_lease_has_ended()
    {
        var node = await NodeAsync();
        var workspace = await node.OpenWorkspaceAsync();
        await ClaimedByADeadNodeAsync(node, workspace, attempt: 1);
        await Task.Delay(TimeSpan.FromSeconds(1.5), _ct);
        _work.Runs.ShouldBeEmpty();

        await PassAsync(TimeSpan.FromSeconds(31));
        await NoneLeftAsync();

        _work.Runs.Single().Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task A_job_that_took_every_node_down_is_put_aside_and_not_run_again()
    {
        var node = await NodeAsync();
        await ClaimedByADeadNodeAsync(node, await node.OpenWorkspaceAsync(), attempt: 3);

        await PassAsync(TimeSpan.FromSeconds(31));
        await Eventually.HoldsAsync(async () => await CountAsync("dead_at is not null") == 1, "the job is put aside", _ct);

        _work.Runs.ShouldBeEmpty();
        (await TextAsync("select last_error from kernel.job")).ShouldBe("Abandoned");
    }

    [Fact]
    public async Task A_stopping_node_gives_its_jobs_back_at_once_and_uncounted()
    {
        var first = await NodeAsync();
        var workspace = await first.OpenWorkspaceAsync();
        _work.Do = (_, ct) => Task.Delay(Timeout.Infinite, ct);
        await EnqueueAsync(first, workspace, Guid.CreateVersion7());
        await Eventually.HoldsAsync(() => _work.Runs.Count == 1, "the job runs", _ct);

        await first.StopAsync();

        (await CountAsync("claimed_by is null and attempt = 0")).ShouldBe(1);
        _work.Do = null;
        await NodeAsync();
        await NoneLeftAsync();
        _work.Runs.Select(run => run.Attempt).ShouldBe([1, 1]);
    }

    [Fact]
    public async Task A_kind_that_this_version_does_not_know_waits_for_one_that_does()
    {
        var node = await NodeAsync();
        var workspace = await node.OpenWorkspaceAsync();
        await node.Door.BatchAsync(workspace.Id, Actor.System, batch => batch.Enqueue("future.work", workspace.Id), _ct);

        await EnqueueAsync(node, workspace, Guid.CreateVersion7());
        await Eventually.HoldsAsync(() => _work.Runs.Count == 1, "a job behind it has run", _ct);

        (await CountAsync("kind = 'future.work' and attempt = 0 and claimed_by is null and dead_at is null")).ShouldBe(1);
    }

    [Fact]
    public async Task A_schedule_runs_once_a_tick_on_two_nodes_and_once_for_all_ticks_missed()
    {
        var (one, _) = (await NodeAsync(), await NodeAsync());
        var workspace = await one.OpenWorkspaceAsync();
        await one.Door.RunAsync(workspace.Id, Actor.System, ctx => Scheduling(ctx), _ct);

        await PassAsync(TimeSpan.FromHours(1));
        await Eventually.HoldsAsync(() => _work.Runs.Count == 1, "the first tick", _ct);
        await PassAsync(TimeSpan.FromHours(7.5));
        await Eventually.HoldsAsync(() => _work.Runs.Count >= 2, "the ticks missed", _ct);
        // Three more looks at the schedule on each node.
        await Task.Delay(TimeSpan.FromSeconds(3), _ct);
        await NoneLeftAsync();

        _work.Runs.Count.ShouldBe(2);
        await one.Door.RunAsync(workspace.Id, Actor.System, ctx => Unscheduling(ctx), _ct);
        (await TextAsync("select count(*)::text from kernel.schedule")).ShouldBe("0");

        static Task Scheduling(WorkspaceContext ctx)
        {
            ctx.Schedule(Kind, ctx.WorkspaceId, TimeSpan.FromHours(1));
            return Task.CompletedTask;
        }

        static Task Unscheduling(WorkspaceContext ctx)
        {
            ctx.Unschedule(Kind, ctx.WorkspaceId);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_schedule_that_is_behind_goes_on_from_now()
    {
        await using var idle = await KernelApp.StartAsync(cluster, _database, options: kernel => kernel with { Background = false });
        var workspace = await idle.OpenWorkspaceAsync();
        await idle.Door.BatchAsync(
            workspace.Id,
            Actor.System,
            batch =>
                batch.Add(
                    $"""
                    insert into kernel.schedule (kind, subject_id, every, next_at)
                    values ({Kind}, {workspace.Id}, {TimeSpan.FromHours(1)}, {batch.Now.AddHours(-9)})
                    """
                ),
            _ct
        );

        for (var look = 0; look < 3; look++)
        {
            await idle.System.RunAsync(s => s.ExecuteAsync(JobStatements.Tick, _ct), _ct);
            // As if each run had ended before the next look.
            (await TextAsync("with done as (delete from kernel.job returning 1) select count(*)::text from done")).ShouldBe(
                look == 0 ? "1" : "0"
            );
        }
    }

    [Fact]
    public async Task A_job_of_work_that_was_undone_never_runs()
    {
        var node = await NodeAsync();
        var workspace = await node.OpenWorkspaceAsync();

        await Should.ThrowAsync<InvalidOperationException>(() =>
            node.Door.RunAsync(
                workspace.Id,
                Actor.System,
                ctx =>
                {
                    ctx.Enqueue(Kind, workspace.Id);
                    throw new InvalidOperationException();
                },
                _ct
            )
        );

        (await CountAsync("true")).ShouldBe(0);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task<KernelApp> NodeAsync()
    {
        var node = await KernelApp.StartAsync(
            cluster,
            _database,
            services => services.AddSingleton(_work).AddJob<Recorded>(Kind, maxAttempts: 3),
            options: kernel => kernel with { Jobs = Quick }
        );
        _nodes.Add(node);
        return node;
    }

    private Task EnqueueAsync(KernelApp node, Workspace workspace, Guid subject, TimeSpan? delay = null, string? key = null) =>
        node.Door.BatchAsync(workspace.Id, Actor.System, batch => batch.Enqueue(Kind, subject, delay, key), _ct);

    private Task ClaimedByADeadNodeAsync(KernelApp node, Workspace workspace, int attempt) =>
        node.Door.BatchAsync(
            workspace.Id,
            Actor.System,
            batch =>
                batch.Add(
                    $"""
                    insert into kernel.job (id, kind, subject_id, attempt, claimed_by, lease_until)
                    values ({Guid.CreateVersion7()}, {Kind}, {workspace.Id}, {attempt}, {Guid.CreateVersion7()}, now() + interval '30 s')
                    """
                ),
            _ct
        );

    /// <summary>As if so much time had gone by: what lies ahead comes nearer.</summary>
    private Task PassAsync(TimeSpan time) =>
        TextAsync(
            $"""
            with jobs as (
              update kernel.job set run_at = run_at - interval '{time.TotalSeconds} s', lease_until = lease_until - interval '{time.TotalSeconds} s')
            update kernel.schedule set next_at = next_at - interval '{time.TotalSeconds} s'
            """
        );

    private Task NoneLeftAsync() => Eventually.HoldsAsync(async () => await CountAsync("dead_at is null") == 0, "no job is left", _ct);

    private async Task<long> CountAsync(string where) =>
        long.Parse((await TextAsync("select count(*)::text from kernel.job where " + where))!, null);

    private async Task<string?> TextAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(_ct) as string;
    }

    private sealed class Work
    {
        public ConcurrentQueue<JobRun> Runs { get; } = [];
        public Func<JobRun, CancellationToken, Task>? Do { get; set; }
    }

    private sealed class Recorded(Work work) : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct)
        {
            work.Runs.Enqueue(job);
            return work.Do?.Invoke(job, ct) ?? Task.CompletedTask;
        }
    }
}
