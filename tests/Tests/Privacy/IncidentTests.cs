using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class IncidentTests(TestCluster cluster)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_break_opens_one_incident_writes_one_letter_to_each_and_ends_when_it_holds_again()
    {
        await using var host = await cluster.StartHostAsync(settings: options =>
            options with
            {
                Operator = new OperatorOptions { Mail = "operator@example.org" },
                Policies = options.Policies with { Probing = false },
            }
        );
        var workspace = await host.OpenWorkspaceAsync();
        await host.JoinAsync(workspace, "owner", "owner@example.org");
        await host.JoinAsync(workspace, "viewer", "viewer@example.org");

        await WriteAsync(host, workspace, Verdict.Broken);
        await WriteAsync(host, workspace, Verdict.Broken);
        await WriteAsync(host, workspace, Verdict.Unknown);

        await host.WaitUntilAsync(
            "select count(*) = 1 and min(alerted_at) is not null from kernel.incident where workspace_id = $1",
            workspace.Id
        );
        var mailbox = await PublicPagesTests.PageAsync(host, "/dev/mail");
        mailbox.Split("<h2>A promise does not hold: widget.13</h2>").Length.ShouldBe(3);
        mailbox.ShouldContain("owner@example.org");
        mailbox.ShouldContain("operator@example.org");
        mailbox.ShouldNotContain("viewer@example.org");
        mailbox.ShouldNotContain("what was seen, in detail");

        await WriteAsync(host, workspace, Verdict.Holds);
        await WriteAsync(host, workspace, Verdict.Broken);

        (await host.Door.RunAsync(workspace.Id, Actor.System, ctx => Incidents.ListAsync(ctx, 10, Ct), Ct))
            .Select(incident => incident.ClosedAt is null)
            .ShouldBe([true, false]);
        (
            await host.AsOwnerAsync<long>(
                "select count(*) from audit.entry where workspace_id = $1 and action in ('incident.opened', 'incident.closed')",
                workspace.Id
            )
        ).ShouldBe(3);
        (
            await host.AsOwnerAsync<bool>(
                "select exists (select from kernel.event where workspace_id = $1 and topic = 'policy.incident')",
                workspace.Id
            )
        ).ShouldBeTrue();
    }

    private static async Task WriteAsync(TestHost host, Workspace workspace, Verdict verdict)
    {
        var policy = await host.Services.GetRequiredService<PolicyBook>().OfAsync(workspace.Id, Ct);
        var promise = policy.Promises.Single(known => known.Id == "widget.13");
        var look = (promise, 0, new Finding(verdict, "what was seen, in detail", 1, "ab"), DateTimeOffset.UtcNow);
        await host.Door.RunAsync(workspace.Id, Actor.System, ctx => PromiseLedger.WriteAsync(ctx, [look], Ct), Ct);
    }
}
