using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class AuditClockTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_of_a_clock_that_jumps_back_and_forth_are_chained_once_and_verify()
    {
        var clock = new ShiftedTime();
        await using var host = await cluster.StartHostAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(clock),
            background: false
        );
        var lab = await AuditLab.OpenAsync(host, _ct);
        await lab.WriteAndPublishAsync(5);

        foreach (var hours in new[] { -5, 10, -30, 25 })
        {
            clock.Advance(TimeSpan.FromHours(hours));
            await lab.WriteAsync(3);
            // Written under one clock, chained under another.
            clock.Advance(TimeSpan.FromMinutes(-hours));
            await lab.WriteAndPublishAsync(4);
        }

        var report = await lab.VerifyAsync();
        report.Findings.ShouldBeEmpty();
        report.Waiting.ShouldBe(0);
        (
            await host.AsOwnerAsync<string>(
                """
                select concat_ws(' ', count(*) = count(distinct entry_id), count(*) = max(position),
                                 count(*) = (select count(*) from audit.entry where workspace_id = $1))
                  from audit.link where workspace_id = $1
                """,
                lab.Id
            )
        ).ShouldBe("t t t");
        (await lab.CheckpointsAsync()).Max(checkpoint => checkpoint.Size).ShouldBe(report.Entries);
    }
}
