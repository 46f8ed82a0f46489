using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class SourceTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private Workspace _workspace = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _workspace = await _host.OpenWorkspaceAsync();
        _admin = (await _host.JoinAsync(_workspace, Access.Admin)).Client;
    }

    [Fact]
    public async Task A_crawl_that_ended_its_host_each_time_leaves_a_failed_source_that_says_what_to_do()
    {
        await using var site = await FakeSite.StartAsync(_host);
        site.Page("/", "Home", "<p>We repair lamps of all kinds in our workshop.</p>");
        var source = await _admin.AddSiteAsync(site.Url("/"));
        await _admin.CrawledAsync(source, _ct);

        await _host.AsOwnerAsync<object>(
            """
            with source as (update knowledge.source set state = 'crawling', crawl = 2 where id = $2),
                 page as (update knowledge.page set status = 'waiting' where source_id = $2)
            insert into kernel.job (workspace_id, id, kind, subject_id, unique_key, attempt, claimed_by, lease_until)
            values ($1, gen_random_uuid(), 'knowledge.crawl', $2, $2::text, 8, gen_random_uuid(), now() - interval '1 s')
            """,
            _workspace.Id,
            source
        );

        var view = await _admin.CrawledAsync(source, _ct);
        view.GetProperty("state").GetString().ShouldBe("failed");
        view.GetProperty("problem").GetString().ShouldNotBeNull().ShouldContain("Read it again");
        (await _admin.FindAsync("Who repairs lamps?")).ShouldNotBeEmpty("what was read before still answers");
        (await _admin.PutAsync($"/api/knowledge/sources/{source}/crawl", null, _ct)).EnsureSuccessStatusCode();
        (await _admin.CrawledAsync(source, _ct)).GetProperty("state").GetString().ShouldBe("ready");
    }

    [Fact]
    public async Task How_often_a_site_is_read_again_can_be_changed()
    {
        await using var site = await FakeSite.StartAsync(cluster.Host);
        site.Page("/", "Home", "<p>We repair lamps of all kinds in our workshop.</p>");
        using var admin = await cluster.Host.SignInAsync(await cluster.Host.OpenWorkspaceAsync(), Access.Admin);
        var source = await admin.AddSiteAsync(site.Url("/"), new { recrawlHours = 24 });
        await admin.CrawledAsync(source, TestContext.Current.CancellationToken);
        (await HoursAsync()).ShouldBe(24);

        (await admin.PutAsJsonAsync($"/api/knowledge/sources/{source}/schedule", new { recrawlHours = 168 })).EnsureSuccessStatusCode();
        (await HoursAsync()).ShouldBe(168);
        (
            await admin.PutAsJsonAsync($"/api/knowledge/sources/{source}/schedule", new { recrawlHours = (int?)null })
        ).EnsureSuccessStatusCode();
        (await HoursAsync()).ShouldBe(0);
        var wrong = await admin.PutAsJsonAsync($"/api/knowledge/sources/{source}/schedule", new { recrawlHours = 0 });
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("recrawlHours");

        async Task<int> HoursAsync() =>
            await cluster.Host.AsOwnerAsync<int>(
                "select coalesce((select extract(epoch from every)::int / 3600 from kernel.schedule where subject_id = $1), 0)",
                source
            );
    }

    [Fact]
    public async Task A_public_host_waits_for_its_proof()
    {
        var source = await _admin.AddSiteAsync("https://www.shop.example/");

        var view = await _admin.GetFromJsonAsync<JsonElement>($"/api/knowledge/sources/{source}", _ct);
        view.GetProperty("state").GetString().ShouldBe("unproven");
        view.GetProperty("proof").GetProperty("dnsName").GetString().ShouldBe("_tenet.www.shop.example");
        (await _admin.PutAsync($"/api/knowledge/sources/{source}/crawl", null, _ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("{\"url\":\"ftp://shop.example/\"}", "url")]
    [InlineData("{\"url\":\"http://user:word@shop.example/\"}", "url")]
    [InlineData("{}", "url")]
    [InlineData("{\"url\":\"https://shop.example/\",\"maxPages\":0}", "maxPages")]
    [InlineData("{\"url\":\"https://shop.example/\",\"maxBytes\":99999999}", "maxBytes")]
    [InlineData("{\"url\":\"https://shop.example/\",\"language\":\"xx\"}", "language")]
    [InlineData("{\"url\":\"https://shop.example/\",\"kind\":\"upload\"}", "kind")]
    public async Task A_wrong_field_is_named(string body, string field)
    {
        var answer = await _admin.PostAsync("/api/knowledge/sources", new StringContent(body, null, "application/json"), _ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Only_admins_change_sources_and_viewers_may_look()
    {
        var viewer = (await _host.JoinAsync(_workspace, Access.Viewer)).Client;

        (await viewer.PostAsJsonAsync("/api/knowledge/sources", new { url = "https://shop.example/" }, _ct)).StatusCode.ShouldBe(
            HttpStatusCode.Forbidden
        );
        (await viewer.GetAsync("/api/knowledge/sources", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("help.md", "# Delivery\n\n## Abroad\n\nWe send parcels to Norway by ship.")]
    [InlineData("help.html", "<h1>Delivery</h1><p>We send parcels to Norway by ship.</p>")]
    [InlineData("help.txt", "We send parcels to Norway by ship.")]
    [InlineData("help.csv", "Country,How\nNorway,We send parcels by ship")]
    public async Task An_upload_is_found_at_once(string fileName, string content)
    {
        var answer = await _admin.PostAsJsonAsync("/api/knowledge/sources/uploads", new { fileName, content }, _ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(_ct));

        var found = (await _admin.FindAsync("parcel to Norway")).ShouldHaveSingleItem();

        found.GetProperty("text").GetString()!.ShouldContain("Norway");
        found.GetProperty("url").GetString().ShouldBe("");
    }

    [Theory]
    [InlineData("help.exe", "x", "fileName")]
    [InlineData("help.md", "", "content")]
    [InlineData("help.html", "<script>x</script>", "content")]
    public async Task An_upload_without_text_is_refused(string fileName, string content, string field)
    {
        var answer = await _admin.PostAsJsonAsync("/api/knowledge/sources/uploads", new { fileName, content }, _ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task An_own_answer_is_found_changed_and_removed()
    {
        var saved = await (
            await _admin.PostAsJsonAsync(
                "/api/knowledge/answers",
                new
                {
                    question = "Do you repair kites?",
                    answer = "Yes, **every** kite.",
                    url = "https://shop.example/kites",
                },
                _ct
            )
        ).Content.ReadFromJsonAsync<JsonElement>(_ct);
        var id = saved.GetProperty("id").GetGuid();
        var found = (await _admin.FindAsync("can you mend my kite")).ShouldHaveSingleItem();
        (found.GetProperty("pageTitle").GetString(), found.GetProperty("url").GetString()).ShouldBe(
            ("Do you repair kites?", "https://shop.example/kites")
        );

        await _admin.PutAsJsonAsync(
            $"/api/knowledge/answers/{id}",
            new { question = "Do you repair kites?", answer = "No longer, only balloons." },
            _ct
        );
        // An index in use takes a change up by event, a moment after its commit.
        while ((await _admin.FindAsync("balloons")).Count == 0)
        {
            await Task.Delay(50, _ct);
        }

        (await _admin.DeleteAsync($"/api/knowledge/answers/{id}", _ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _admin.FindAsync("balloons")).ShouldBeEmpty();
    }

    public ValueTask DisposeAsync()
    {
        _admin.Dispose();
        return ValueTask.CompletedTask;
    }
}
