using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Commands;

public sealed class BreachCommandTests(TestCluster cluster)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_writes_a_breach_down_goes_on_and_reads_the_report()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        await using var tenet = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);
        string[] open = ["breach", "open", "Lost disk", "--what", "A disk is missing.", "--workspace", workspace.Slug, "--table", "inbox"];

        var (wrong, said) = await tenet.RunAsync([.. open, "--aware", "yesterday"]);
        (wrong, said).ShouldSatisfyAllConditions(() => wrong.ShouldNotBe(0), () => said.ShouldContain("--aware is not a time."));
        var (opened, sheet) = await tenet.RunAsync([.. open, "--aware", "2026-11-20T20:15Z"]);
        opened.ShouldBe(0, sheet);
        sheet.ShouldContain("Breach 1: Lost disk (suspected, aware since 2026-11-20 20:15 UTC)");
        sheet.ShouldContain(workspace.Slug);
        var (advanced, further) = await tenet.RunAsync("breach", "advance", "1", "--note", "It is gone.");
        (advanced, further).ShouldSatisfyAllConditions(() => advanced.ShouldBe(0), () => further.ShouldContain("(confirmed,"));

        var file = Path.Combine(Path.GetTempPath(), $"breach-{Guid.NewGuid():N}.pdf");
        try
        {
            var (reported, where) = await tenet.RunAsync("breach", "report", "1", file);
            reported.ShouldBe(0, where);
            (await File.ReadAllBytesAsync(file, Ct)).AsSpan(0, 5).SequenceEqual("%PDF-"u8).ShouldBeTrue();
        }
        finally
        {
            File.Delete(file);
        }
        var (unknown, none) = await tenet.RunAsync("breach", "show", "7");
        (unknown, none).ShouldSatisfyAllConditions(() => unknown.ShouldBe(1), () => none.ShouldContain("no such breach"));
    }
}
