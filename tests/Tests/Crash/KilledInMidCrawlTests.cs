using System.Globalization;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Knowledge;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Crash;

public sealed class KilledInMidCrawlTests(TestCluster cluster)
{
    private const int Pages = 240;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_crawl_killed_in_the_middle_goes_on_and_holds_each_page_once()
    {
        await using var setup = await cluster.StartHostAsync(background: false);
        await using var site = await FakeSite.StartAsync(setup);
        // Half of the pages answer only after the kill, so that it always comes in the middle.
        var resumed = new TaskCompletionSource();
        for (var n = 0; n < Pages; n++)
        {
            BuildPage(site, n, n < Pages / 2 ? Task.CompletedTask : resumed.Task);
        }
        var workspace = await setup.OpenWorkspaceAsync();
        using var member = await setup.SignInAsync(workspace, Access.Admin);
        var source = await member.AddSiteAsync(site.Url("/0"));
        await using var tenet = new TenetProcess(setup.AdminConnectionString, cluster.MasterKeyFile, site.Address.Authority);
        await tenet.StartAsync();
        await setup.WaitUntilAsync("select count(*) >= 60 from knowledge.page where source_id = $1 and status = 'indexed'", source);

        await tenet.KillAsync();
        var read = await setup.AsOwnerAsync<string[]>(
            "select array_agg(url) from knowledge.page where source_id = $1 and status = 'indexed'",
            source
        );
        resumed.SetResult();
        // The dead host's lease runs out at once instead of in half a minute.
        await setup.AsOwnerAsync<object>("update kernel.job set run_at = now() where kind = 'knowledge.crawl'");
        await tenet.StartAsync();

        (await member.CrawledAsync(source, _ct)).GetProperty("state").GetString().ShouldBe("ready");
        (
            await setup.AsOwnerAsync<string>(
                """
                select concat_ws(' ', count(*), count(distinct url), count(*) filter (where status = 'indexed'), max(crawl))
                  from knowledge.page where source_id = $1
                """,
                source
            )
        ).ShouldBe(string.Create(CultureInfo.InvariantCulture, $"{Pages} {Pages} {Pages} 1"));
        (
            await setup.AsOwnerAsync<long>(
                """
                select count(*) from (
                  select p.id from knowledge.page p
                    left join knowledge.chunk c on c.workspace_id = p.workspace_id and c.page_id = p.id
                   where p.source_id = $1
                   group by p.id, p.chunks having count(c.id) <> p.chunks or count(distinct c.ordinal) <> p.chunks or p.chunks = 0) wrong
                """,
                source
            )
        ).ShouldBe(0);
        foreach (var url in read!)
        {
            site.Visits[new Uri(url).AbsolutePath].ShouldBe(1, url + " was read before the kill and again after it");
        }
        await setup.WaitUntilAsync("select not exists (select from kernel.job where kind = 'knowledge.crawl')");
    }

    /// <summary>Each page links to two more, so that both halves are met long before they are read.</summary>
    private static void BuildPage(FakeSite site, int n, Task answers)
    {
        var links = string.Concat(new[] { (2 * n) + 1, (2 * n) + 2 }.Where(l => l < Pages).Select(l => $"<a href='/{l}'>Lamp {l}</a> "));
        var html =
            $"<!doctype html><html lang=en><title>Lamp {n}</title><main><h1>Lamp number {n}</h1><p>Lamp number {n} shines for {n} hours.</p>{links}</main></html>";
        site.Paths[$"/{n}"] = async context =>
        {
            await answers.WaitAsync(context.RequestAborted);
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync(html, context.RequestAborted);
        };
    }
}
