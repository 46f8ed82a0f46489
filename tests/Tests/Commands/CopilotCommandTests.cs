using System.Text.RegularExpressions;
using Shouldly;
using Tenet.Tests.Guards;
using Tenet.Tests.Inbox;
using Tenet.Tests.Odoo;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Commands;

public sealed partial class CopilotCommandTests(TestCluster cluster)
{
    [Fact]
    public async Task The_operators_stop_ends_the_answer_that_runs_on_another_process()
    {
        await using var host = await cluster.StartHostAsync();
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(host, odoo);
        await using var model = await host.UseModelAsync(tenant.Workspace, FakeReply.Text("Fine."));
        // Speaks on for minutes: another process takes its time to start.
        model.Then(new FakeReply { Deltas = [.. Enumerable.Repeat("on ", 3000)], Gap = TimeSpan.FromMilliseconds(100) });
        var grant = await tenant.GrantAsync(7);
        var running = tenant.AskAsync(7, grant.Sid, "Hello");
        await host.WaitUntilAsync(
            "select exists (select from odoo.turn where workspace_id = $1 and state = 'running')",
            tenant.Workspace.Id
        );
        await using var tenet = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);

        var (exitCode, output) = await tenet.RunAsync("copilot", "stop", "--workspace", tenant.Workspace.Slug);

        exitCode.ShouldBe(0, output);
        (await running).LastData["code"]!.GetValue<string>().ShouldBe("stopped");
        (await tenant.AskAsync(7, grant.Sid, "Hello")).Status.ShouldBe(403);
        (await tenet.RunAsync("copilot", "start")).Output.ShouldContain("Started in");
        await Eventually.HoldsAsync(
            async () => (await tenant.AskAsync(7, grant.Sid, "Hello")).Status == 200,
            "the copilot answers again",
            TestContext.Current.CancellationToken
        );
    }

    [Fact]
    public async Task A_process_that_serves_leaves_no_core_dump()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        await using var tenet = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);
        await tenet.StartAsync();

        CoreLimit()
            .Match(await File.ReadAllTextAsync($"/proc/{tenet.Id}/limits", TestContext.Current.CancellationToken))
            .Success.ShouldBeTrue();
        File.ReadAllText(Path.Combine(Repository.Root, "deploy/systemd/tenet.service")).ShouldContain("\nLimitCORE=0\n");
        File.ReadAllText(Path.Combine(Repository.Root, "deploy/compose.yaml")).ShouldContain("core: 0");
    }

    [Theory]
    [InlineData("DOTNET_DbgEnableMiniDump")]
    [InlineData("COMPlus_DbgEnableMiniDump")]
    public async Task A_process_whose_runtime_would_write_its_memory_to_a_disk_does_not_serve(string name)
    {
        await using var host = await cluster.StartHostAsync(background: false);
        await using var tenet = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);
        tenet.Environment[name] = "1";

        var (exitCode, output) = await tenet.RunAsync("run", "--port", $"{tenet.Port}");

        exitCode.ShouldNotBe(0);
        output.ShouldContain(name + " is set");
    }

    [GeneratedRegex(@"Max core file size\s+0\s+0\s", RegexOptions.None, 1000)]
    private static partial Regex CoreLimit();
}
