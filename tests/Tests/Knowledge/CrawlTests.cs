using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class CrawlTests(TestCluster cluster) : IAsyncLifetime
{
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
    public async Task Every_page_reached_by_links_is_indexed_or_has_a_stated_reason()
    {
        _site.Page(
            "/",
            "Home",
            Links(
                "/returns",
                "/old",
                "/secret",
                "/hidden",
                "/missing",
                "/copy",
                "/picture.png",
                "/report.pdf",
                "https://elsewhere.example/"
            )
        );
        _site.Page(
            "/returns",
            "Returns",
            "<h2 id='exchange'>Exchanging an item</h2><p>Write to us within thirty days and we exchange the lamp for another one.</p>"
        );
        _site.Redirect("/old", "/returns");
        _site.Answer("/robots.txt", "text/plain", "User-agent: *\nDisallow: /secret");
        _site.Html("/hidden", "<meta name=robots content=noindex><p>Nothing for search engines stands here.</p>");
        _site.Html("/copy", "<link rel=canonical href='/returns'><p>Write to us within thirty days.</p>");
        _site.Answer("/report.pdf", "application/pdf", "%PDF-1.7");

        var source = await _member.AddSiteAsync(_site.Url("/"));
        (await _member.CrawledAsync(source, _ct)).GetProperty("problem").ValueKind.ShouldBe(JsonValueKind.Null);

        (await _member.PagesAsync(source)).ShouldBe(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["/"] = "indexed",
                ["/returns"] = "indexed",
                ["/old"] = "skipped: redirected",
                ["/secret"] = "skipped: robots",
                ["/hidden"] = "skipped: noindex",
                ["/missing"] = "gone: not_found",
                ["/copy"] = "skipped: duplicate",
                ["/report.pdf"] = "skipped: unsupported_type",
            },
            ignoreOrder: true
        );
        _site.Visits.ShouldNotContainKey("/secret");
    }

    [Fact]
    public async Task A_question_finds_the_passage_with_its_heading_and_anchor()
    {
        _site.Page("/", "Shop", Links("/returns"));
        _site.Page(
            "/returns",
            "Returns",
            "<p>We want you to be happy with your lamp.</p><h2 id='exchange'>Exchanging an item</h2><p>Write to us within thirty days and we swap it.</p>"
        );
        await CrawlAsync();

        var best = (await _member.FindAsync("can I swap the lamp for a different one?"))[0];

        best.GetProperty("pageTitle").GetString().ShouldBe("Returns");
        best.GetProperty("url").GetString().ShouldStartWith(_site.Url("/returns"));
        best.GetProperty("text").GetString()!.ShouldContain("thirty days");
    }

    [Fact]
    public async Task A_page_of_the_sitemap_is_found_without_a_link()
    {
        _site.Page("/", "Home", "<p>Nothing but a few friendly words of welcome stand on this page.</p>");
        _site.Page("/lonely", "Lonely", "<p>No page leads here, only the sitemap knows the way.</p>");
        _site.Answer(
            "/sitemap.xml",
            "application/xml",
            $"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{_site.Url("/lonely")}</loc></url></urlset>"
        );

        var source = await CrawlAsync();

        (await _member.PagesAsync(source)).ShouldContainKeyAndValue("/lonely", "indexed");
    }

    [Fact]
    public async Task A_second_crawl_asks_for_changes_only_and_forgets_what_vanished()
    {
        _site.Page("/", "Home", Links("/same", "/changed", "/vanishing"));
        _site.Paths["/same"] = context =>
        {
            context.Response.Headers.ETag = "\"1\"";
            context.Response.StatusCode = context.Request.Headers.IfNoneMatch == "\"1\"" ? 304 : 200;
            context.Response.ContentType = "text/html";
            return context.Response.StatusCode == 304
                ? Task.CompletedTask
                : context.Response.WriteAsync("<h1>Same</h1><p>Umbrellas are never changed.</p>");
        };
        _site.Page("/changed", "Changed", "<p>The opening hours are from nine to five.</p>");
        _site.Page("/vanishing", "Vanishing", "<p>Winter sale of snowshoes.</p>");
        var source = await CrawlAsync();
        (await _member.FindAsync("snowshoes")).ShouldNotBeEmpty();

        _site.Page("/changed", "Changed", "<p>The opening hours are from ten to six.</p>");
        _site.Paths.TryRemove("/vanishing", out _).ShouldBeTrue();
        (await _member.PutAsync($"/api/knowledge/sources/{source}/crawl", null, _ct)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await _member.CrawledAsync(source, _ct);

        var pages = await _member.PagesAsync(source);
        pages["/same"].ShouldBe("indexed");
        pages["/vanishing"].ShouldBe("gone: not_found");
        (await _member.FindAsync("snowshoes")).ShouldBeEmpty();
        (await _member.FindAsync("umbrellas")).ShouldHaveSingleItem();
        (await _member.FindAsync("opening hours"))[0].GetProperty("text").GetString()!.ShouldContain("ten to six");
    }

    [Fact]
    public async Task What_repeats_on_every_page_is_left_out()
    {
        _site.Page("/", "Home", Links([.. Enumerable.Range(0, 12).Select(i => $"/p{i}")]));
        for (var i = 0; i < 12; i++)
        {
            _site.Page(
                $"/p{i}",
                $"Product {i}",
                $"<p>Product number {i} is made of oak number {i}.</p><p>Subscribe to our wonderful letter about furniture.</p>"
            );
        }

        await CrawlAsync();

        (await _member.FindAsync("wonderful letter about furniture")).ShouldBeEmpty();
        (await _member.FindAsync("oak")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task One_workspace_never_sees_anothers_pages()
    {
        _site.Page("/", "Home", "<p>The secret recipe needs saffron and patience.</p>");
        var source = await CrawlAsync();
        var stranger = (await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner)).Client;

        (await stranger.FindAsync("saffron recipe")).ShouldBeEmpty();
        (await stranger.GetAsync($"/api/knowledge/sources/{source}", _ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.GetAsync($"/api/knowledge/sources/{source}/pages", _ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.DeleteAsync($"/api/knowledge/sources/{source}", _ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _member.FindAsync("saffron recipe")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_removed_source_is_found_no_more()
    {
        _site.Page("/", "Home", "<p>We sell telescopes for beginners.</p>");
        var source = await CrawlAsync();
        (await _member.FindAsync("telescopes")).ShouldNotBeEmpty();

        (await _member.DeleteAsync($"/api/knowledge/sources/{source}", _ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await _member.FindAsync("telescopes")).ShouldBeEmpty();
        (await _member.GetFromJsonAsync<JsonElement>("/api/knowledge/sources", _ct)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Limits_of_pages_and_depth_are_kept()
    {
        _site.Paths["*"] = context =>
        {
            var n = int.Parse(context.Request.Path.Value!.Trim('/') is { Length: > 0 } text && int.TryParse(text, out _) ? text : "0");
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync(
                $"<h1>Page {n}</h1><p>This is page number {n} of a very long book.</p><a href='/{n + 1}'>next</a>"
            );
        };
        _site.Answer("/robots.txt", "text/plain", "");
        _site.Answer("/sitemap.xml", "text/plain", "");

        var deep = await _member.AddSiteAsync(_site.Url("/"), new { maxDepth = 3 });
        await _member.CrawledAsync(deep, _ct);
        (await _member.PagesAsync(deep)).Values.ShouldBe(
            ["indexed", "indexed", "indexed", "indexed", "skipped: too_deep"],
            ignoreOrder: true
        );

        var wide = await _member.AddSiteAsync(_site.Url("/0"), new { maxPages = 5 });
        await _member.CrawledAsync(wide, _ct);
        (await _member.PagesAsync(wide)).Count.ShouldBe(5);
    }

    private async Task<Guid> CrawlAsync()
    {
        var source = await _member.AddSiteAsync(_site.Url("/"));
        await _member.CrawledAsync(source, _ct);
        return source;
    }

    private static string Links(params string[] paths) =>
        "<p>Welcome to our little shop, have a look around and stay as long as you like.</p>"
        + string.Concat(paths.Select(p => $"<p>Here you read about <a href='{p}'>{p}</a> in more detail.</p>"));

    public async ValueTask DisposeAsync()
    {
        _member.Dispose();
        await _site.DisposeAsync();
    }
}
