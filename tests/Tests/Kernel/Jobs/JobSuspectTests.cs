using System.Globalization;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Jobs;

/// <summary>A job that ends its host each time must not use up the attempts of those that are held beside it.</summary>
public sealed class JobSuspectTests(TestCluster cluster)
{
    private const int Others = 60;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_ends_its_host_is_alone_in_the_end_and_the_others_keep_half_of_their_attempts()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        // The claims are made by hand.
        var app = await nodes.StartAsync(works: false);
        var workspace = await app.OpenWorkspaceAsync();
        await nodes.EnqueueAsync(app, workspace, Others + 1);
        var killer = await nodes.AsOwnerAsync<Guid>("select id from kernel.job order by random() limit 1");
        var (attempts, deaths) = (new Dictionary<Guid, int>(), new List<int>());

        while (deaths.Count < 8)
        {
            // Whatever was put off is due again, and the leases of the dead have run out.
            await nodes.AsOwnerAsync<object>(
                "update kernel.job set run_at = now() - interval '1 minute', lease_until = now() - interval '1 s'"
            );
            var node = Guid.CreateVersion7();
            var held = (await ClaimAsync(app, node, workspace, suspects: true)).Where(job => !job.PutOff).ToList();
            held.ForEach(job => attempts[job.Run.JobId] = job.Run.Attempt);
            if (held.Exists(job => job.Run.JobId == killer))
            {
                deaths.Add(held.Count);
            }
            else
            {
                Guid[] workspaces = [.. held.Select(job => job.Run.WorkspaceId)];
                Guid[] ids = [.. held.Select(job => job.Run.JobId)];
                int[] tries = [.. held.Select(job => job.Run.Attempt)];
                await app.System.RunAsync(s => s.ExecuteAsync(JobStatements.Finish(node, workspaces, ids, tries), _ct), _ct);
            }
        }

        attempts[killer].ShouldBe(8);
        attempts.Count.ShouldBe(Others + 1);
        attempts.Where(job => job.Key != killer).Max(job => job.Value).ShouldBeLessThanOrEqualTo(5);
        (await nodes.AsOwnerAsync<long>("select count(*) from kernel.job")).ShouldBe(1);
        deaths[^1].ShouldBe(1);
    }

    [Fact]
    public async Task While_a_node_holds_a_suspect_it_takes_no_other_and_goes_on_with_the_rest()
    {
        await using var nodes = await QueueNodes.OnNewDatabaseAsync(cluster);
        var gate = new TaskCompletionSource();
        var suspects = new HashSet<Guid>();
        nodes.Do = (run, _) => suspects.Contains(run.JobId) ? gate.Task : Task.CompletedTask;
        var app = await nodes.StartAsync();
        var workspace = await app.OpenWorkspaceAsync();
        await app.Door.BatchAsync(
            workspace.Id,
            Actor.System,
            batch =>
            {
                for (var n = 0; n < 3; n++)
                {
                    var id = Guid.CreateVersion7();
                    suspects.Add(id);
                    batch.Add(
                        $"""
                        insert into kernel.job (id, kind, subject_id, run_at, attempt, claimed_by, lease_until)
                        values ({id}, {QueueNodes.Kind}, {workspace.Id}, now() - interval '1 hour', 2, {Guid.CreateVersion7()}, now() - interval '1 s')
                        """
                    );
                }
            },
            _ct
        );
        // The last attempt of a kind with three: each is told apart from the fourth, at which four may run together.
        await nodes.AsOwnerAsync<object>("update kernel.job set attempt = 4");
        await nodes.EnqueueAsync(app, workspace, 20);

        await Eventually.HoldsAsync(() => nodes.Runs.Count(run => !suspects.Contains(run.JobId)) == 20, "all others have run", _ct);
        nodes.Runs.Count(run => suspects.Contains(run.JobId)).ShouldBeLessThanOrEqualTo(1);
        gate.SetResult();
    }

    private Task<List<(JobRun Run, bool PutOff)>> ClaimAsync(KernelApp app, Guid node, Workspace workspace, bool suspects)
    {
        var each = Sql.Constant(64.ToString(CultureInfo.InvariantCulture));
        return app.System.RunAsync(
            s =>
                s.ListAsync(
                    JobStatements.Claim(node, TimeSpan.FromSeconds(30), [workspace.Id], [QueueNodes.Kind], each, suspects),
                    row => (new JobRun(row.GetGuid(0), row.GetGuid(1), row.GetGuid(3), row.GetInt32(4)), row.GetBoolean(6)),
                    _ct
                ),
            _ct
        );
    }
}
