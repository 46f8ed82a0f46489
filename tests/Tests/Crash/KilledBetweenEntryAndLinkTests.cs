using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Tests.Kernel.Audit;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Crash;

public sealed class KilledBetweenEntryAndLinkTests(TestCluster cluster)
{
    [Fact]
    public async Task Entries_whose_host_is_killed_before_they_are_chained_are_chained_later_and_none_is_lost()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var setup = await cluster.StartHostAsync(background: false);
        var lab = await AuditLab.OpenAsync(setup, ct);
        await using var tenet = new TenetProcess(setup.AdminConnectionString, cluster.MasterKeyFile);
        var written = 0;
        for (var kill = 0; kill < 3; kill++)
        {
            await tenet.StartAsync();
            using var stop = new CancellationTokenSource();
            var writing = Task.Run(
                async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        await lab.WriteAsync(20);
                        written += 20;
                    }
                },
                ct
            );
            var before = (await lab.HeadAsync())?.Size ?? 0;
            await Eventually.HoldsAsync(async () => ((await lab.HeadAsync())?.Size ?? 0) > before, "the host chains", ct);
            // In the middle of its work, while entries come in.
            await tenet.KillAsync();
            await stop.CancelAsync();
            await writing;
        }
        await lab.WriteAsync(5);

        await tenet.StartAsync();

        await setup.WaitUntilAsync("select not exists (select from audit.due where workspace_id = $1)", lab.Id);
        var (rows, around) = await lab.ReadAsync();
        var verification = new AuditVerification(lab.Id, []);
        rows.ForEach(verification.Add);
        var report = verification.Finish(around);
        report.Findings.ShouldBeEmpty();
        (report.Entries, report.Waiting).ShouldBe((written + 5L, 0L));
    }
}
