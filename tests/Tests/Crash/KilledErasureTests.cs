using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Privacy.Erasures;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Crash;

/// <summary>Each commit of an erasure is the last that its host does: here alternately before and after it, both with the nightly size.</summary>
[Collection("processes")]
public sealed class KilledErasureTests(TestCluster cluster)
{
    private const int AtMost = 200;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_erasure_killed_at_any_commit_goes_on_where_it_was_and_its_certificate_has_the_right_numbers()
    {
        string[][] sides = Nightly.IsOn
            ?
            [
                ["before", "after"],
            ]
            :
            [
                ["before"],
                ["after"],
            ];
        // Two at a time, each with a database of its own.
        var died = await Task.WhenAll(Enumerable.Range(0, 2).Select(part => KillAtCommitsAsync(part, sides)));
        // From the first look to the certificate; beyond them no host died, since the erasure was done.
        var points = died.SelectMany(points => points).Order().ToList();
        points.ShouldBe(Enumerable.Range(1, points.Count));
        points.Count.ShouldBeGreaterThan(20);
    }

    /// <returns>The commits at which a host died: every second of them.</returns>
    private async Task<List<int>> KillAtCommitsAsync(int part, string[][] sides)
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var points = new List<int>();
        for (var commit = part + 1; commit < AtMost; commit += 2)
        {
            var died = true;
            foreach (var side in sides[(commit / 2) % sides.Length])
            {
                var point = $"{ErasePerson.Kind}/commit.{side}/{commit}";
                var id = await ErasedPerson.BeginForRequestAsync(host, workspace.Id, _ct);
                died &= await RunAndDieAsync(host, id, point);
                await using (var scope = host.Services.CreateAsyncScope())
                {
                    var erase = scope.ServiceProvider.GetRequiredService<ErasePerson>();
                    await erase.RunAsync(new JobRun(workspace.Id, Guid.CreateVersion7(), id, 2), _ct);
                }
                (await ErasedPerson.WrongAsync(host, id)).ShouldBe("", point);
                // The next host would take the dead one's job as well, and count its commits.
                await host.AsOwnerAsync<object>("delete from kernel.job where kind = $1", ErasePerson.Kind);
            }
            if (!died)
            {
                break;
            }
            points.Add(commit);
        }
        // One letter for each request that was answered; what the dead ones had not committed was not written.
        const string Letters =
            "select count(*) - (select count(*) from kernel.mail where workspace_id = $1) from privacy.request where workspace_id = $1";
        (await host.AsOwnerAsync<long>(Letters, workspace.Id)).ShouldBe(0);
        const string Left = "select count(*) from inbox.message where workspace_id = $1";
        (await host.AsOwnerAsync<long>(Left, workspace.Id)).ShouldBe(0);
        return points;
    }

    /// <returns>Whether the point was reached before the erasure was done.</returns>
    private async Task<bool> RunAndDieAsync(TestHost host, Guid erasure, string point)
    {
        await using var process = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);
        process.Environment["TENET_CRASH_AT"] = point;
        process.Launch();
        await Eventually.HoldsAsync(
            async () =>
                process.HasExited || await host.AsOwnerAsync<bool>("select state = 'done' from privacy.erasure where id = $1", erasure),
            "the host dies, or the erasure ends",
            _ct
        );
        if (!process.HasExited)
        {
            // The certificate may be the very commit that it dies after.
            await Task.Delay(300, _ct);
        }
        return process.HasExited;
    }
}
