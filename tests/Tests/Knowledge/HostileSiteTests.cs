using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class HostileSiteTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Words = "<p>Plain words stand here, enough of them to be worth a passage.</p>";

    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private FakeSite _site = null!;
    private HttpClient _member = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await FakeSite.StartAsync(_host);
        _member = (await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Admin)).Client;
    }

    [Fact]
    public async Task Endless_redirects_and_cycles_end_with_a_reason()
    {
        _site.Page("/", "Home", Words + "<a href='/loop'>loop</a> <a href='/hop?n=0'>hop</a> <a href='/a'>a</a> <a href='/away'>away</a>");
        _site.Redirect("/loop", "/loop");
        _site.Redirect("/away", "https://elsewhere.example/");
        for (var n = 0; n < 30; n++)
        {
            _site.Redirect($"/hop?n={n}", $"/hop?n={n + 1}");
        }
        _site.Page("/a", "A", Words + "to b <a href='/b'>b</a>");
        _site.Page("/b", "B", Words + "and back to a <a href='/a'>a</a>");

        var pages = await CrawlAsync();

        pages["/loop"].ShouldBe("skipped: too_many_redirects");
        pages["/away"].ShouldBe("skipped: redirected_away");
        pages["/hop?n=0"].ShouldBe("skipped: redirected");
        pages.Keys.Count(k => k.StartsWith("/hop", StringComparison.Ordinal)).ShouldBeLessThan(15);
        pages.Values.ShouldContain("skipped: too_many_redirects");
        (pages["/a"], pages["/b"]).ShouldBe(("indexed", "indexed"));
    }

    [Fact]
    public async Task Nothing_on_a_site_leads_the_crawler_to_another_host()
    {
        // A neighbour that could be reached: it is listed by the operator.
        await using var neighbour = await FakeSite.StartAsync(_host);
        neighbour.Page("/", "Neighbour", Words);
        var there = neighbour.Address.AbsoluteUri;
        _site.Page(
            "/",
            "Home",
            Words
                + $"<a href='{there}'>link</a> <a href='//{neighbour.Address.Authority}/x'>link</a> <a href='/away'>away</a> <a href='/based'>based</a>"
        );
        _site.Redirect("/away", there);
        _site.Html("/based", $"<base href='{there}'><link rel=canonical href='{there}'><p>{Words}</p><a href='y'>y</a>");
        _site.Answer("/robots.txt", "text/plain", $"Sitemap: {there}sitemap.xml\nSitemap: {_site.Url("/sitemap.xml")}");
        _site.Answer("/sitemap.xml", "application/xml", $"<urlset><url><loc>{there}z</loc></url></urlset>");

        var pages = await CrawlAsync();

        neighbour.Visits.Keys.Where(path => path is not "/sitemap.xml").ShouldBeEmpty();
        pages.Keys.ShouldBe(["/", "/away", "/based"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_page_of_50_MB_a_drip_and_a_broken_answer_are_recorded_and_the_rest_is_read()
    {
        _site.Page(
            "/",
            "Home",
            Words
                + "<a href='/huge'>huge</a> <a href='/drip'>drip</a> <a href='/cut'>cut</a> <a href='/error'>error</a> <a href='/soup'>soup</a>"
        );
        _site.Paths["/huge"] = async context =>
        {
            context.Response.ContentType = "text/html";
            for (var i = 0; i < 50; i++)
            {
                await context.Response.Body.WriteAsync(new byte[1_000_000], context.RequestAborted);
            }
        };
        _site.Paths["/drip"] = async context =>
        {
            context.Response.ContentType = "text/html";
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("x", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(200, context.RequestAborted);
            }
        };
        _site.Paths["/cut"] = async context =>
        {
            context.Response.ContentType = "text/html";
            context.Response.ContentLength = 10_000;
            await context.Response.WriteAsync("<h1>Cut");
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        _site.Paths["/error"] = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        _site.Html("/soup", "<table><h1>Soup<p>Unclosed <b>tags <i>everywhere</table></div></p><li>and more words of it");

        var pages = await CrawlAsync(new { pageSeconds = 2 });

        pages["/huge"].ShouldBe("failed: too_large");
        pages["/drip"].ShouldBe("failed: too_slow");
        pages["/cut"].ShouldStartWith("failed: ");
        pages["/error"].ShouldBe("failed: http_error");
        pages["/soup"].ShouldBe("indexed");
    }

    [Fact]
    public async Task A_robots_txt_of_10_MB_and_a_sitemap_bomb_do_not_stop_the_crawl()
    {
        _site.Page("/", "Home", Words);
        _site.Paths["/robots.txt"] = async context =>
        {
            await context.Response.WriteAsync("User-agent: *\nDisallow: /secret\n");
            var filler = new string('#', 1_000_000);
            for (var i = 0; i < 10 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.WriteAsync(filler, context.RequestAborted);
            }
        };
        _site.Paths["/sitemap.xml"] = async context =>
        {
            context.Response.ContentType = "application/x-gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await zip.WriteAsync("<urlset><url><loc>/never"u8.ToArray(), context.RequestAborted);
            for (var i = 0; i < 200 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await zip.WriteAsync(new byte[1_000_000], context.RequestAborted);
            }
        };

        (await CrawlAsync())["/"].ShouldBe("indexed");
    }

    [Fact]
    public async Task Without_readable_rules_nothing_is_read()
    {
        _site.Page("/", "Home", Words);
        _site.Paths["/robots.txt"] = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        var source = await _member.AddSiteAsync(_site.Url("/"));

        var view = await _member.CrawledAsync(source, _ct);

        view.GetProperty("state").GetString().ShouldBe("failed");
        view.GetProperty("problem").GetString()!.ShouldContain("robots.txt");
        _site.Visits.ShouldNotContainKey("/");
    }

    [Fact]
    public async Task A_host_that_turns_private_at_the_second_look_is_refused()
    {
        await using var host = await cluster.StartHostAsync();
        var member = (await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Admin)).Client;
        var source = await member.AddSiteAsync("http://rebind.example/");
        var token = await host.AsOwnerAsync<string>("select proof_token from knowledge.source");
        var dns = host.Services.GetRequiredService<DnsText>();
        dns.Exchange = (question, _) => Task.FromResult(Answer(question, "tenet-site-verification=" + token));
        host.Services.GetRequiredService<Egress>().Resolve = (_, _) => Task.FromResult(new[] { IPAddress.Parse("10.1.2.3") });

        (await member.PutAsync($"/api/knowledge/sources/{source}/proof", null, _ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var view = await member.CrawledAsync(source, _ct);

        view.GetProperty("state").GetString().ShouldBe("failed");
        view.GetProperty("problem").GetString()!.ShouldContain("private network");
        (await host.AsOwnerAsync<string>("select method from knowledge.crawl_authorisation")).ShouldBe("dns");
    }

    private static byte[] Answer(byte[] question, string text)
    {
        byte[] answer =
        [
            .. question,
            0xC0,
            12,
            0,
            16,
            0,
            1,
            0,
            0,
            0,
            60,
            0,
            (byte)(text.Length + 1),
            (byte)text.Length,
            .. System.Text.Encoding.ASCII.GetBytes(text),
        ];
        (answer[2], answer[3], answer[7]) = (0x81, 0x80, 1);
        return answer;
    }

    private async Task<Dictionary<string, string>> CrawlAsync(object? more = null)
    {
        var source = await _member.AddSiteAsync(_site.Url("/"), more);
        await _member.CrawledAsync(source, _ct);
        return await _member.PagesAsync(source);
    }

    public async ValueTask DisposeAsync()
    {
        _member.Dispose();
        await _site.DisposeAsync();
    }
}
