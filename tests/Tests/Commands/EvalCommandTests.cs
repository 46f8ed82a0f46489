using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Knowledge;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Commands;

public sealed class EvalCommandTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Questions_with_their_right_pages_are_measured_and_missed_ones_named()
    {
        await using var host = await cluster.StartHostAsync();
        await using var site = await FakeSite.StartAsync(host);
        site.Page("/", "Home", "<a href='/returns'>Returns</a><a href='/post'>Shipping</a>");
        site.Page("/returns", "Returns", "<p>Send the lamp back within thirty days and we refund you.</p>");
        site.Page("/post", "Shipping", "<p>Delivery takes three working days.</p>");
        var workspace = await host.OpenWorkspaceAsync();
        using var member = await host.SignInAsync(workspace, Access.Admin);
        await member.CrawledAsync(await member.AddSiteAsync(site.Url("/")), _ct);
        await using var tenet = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            """
            {"question": "how do I get my money back", "pages": ["returns"]}
            {"question": "when will my parcel arrive", "pages": ["post"]}
            {"question": "what is the meaning of life", "pages": ["nowhere.html"]}
            """,
            _ct
        );

        var (exitCode, output) = await tenet.RunAsync("eval", "knowledge", file, "--workspace", workspace.Slug);

        exitCode.ShouldBe(0, output);
        output.ShouldContain("missed: what is the meaning of life");
        output.ShouldContain("questions   3");
        output.ShouldContain("recall@5    0.667");
        output.ShouldContain("MRR@10      0.667");
        output.ShouldMatch(@"latency     p50 \d+\.\d\d ms, p95 \d+\.\d\d ms");
        File.Delete(file);
    }

    [Theory]
    [InlineData("{\"question\": \"\"}", "Line 1 is not of the form")]
    [InlineData("", "The file holds no question.")]
    [InlineData("{\"question\": \"x\", \"pages\": [\"y\"]}", "There is no workspace \"nobodys\"")]
    public async Task What_cannot_be_measured_is_said(string line, string message)
    {
        await using var tenet = new TenetProcess(await cluster.CreateDatabaseAsync(), cluster.MasterKeyFile);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, line, _ct);

        var (exitCode, output) = await tenet.RunAsync("eval", "knowledge", file, "--workspace", "nobodys");

        exitCode.ShouldBe(1);
        output.ShouldContain(message);
        File.Delete(file);
    }
}
