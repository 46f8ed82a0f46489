using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class TrustPageTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Anybody_reads_what_a_workspace_promises_and_what_was_seen()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await WriteAsync(workspace, "widget.13", Verdict.Holds, "83 tables under row-level security.");

        var (status, page, cookies) = await GetAsync($"/trust/{workspace.Slug}");

        status.ShouldBe(HttpStatusCode.OK);
        cookies.ShouldBeFalse();
        page.ShouldContain("Test shop · policy");
        page.ShouldContain("83 tables under row-level security.");
        page.ShouldContain("A superuser of the database can read everything.");
        page.ShouldContain("Last 90 days: 1 held, 0 broken, 0 lapsed, 89 not known");
        page.ShouldNotContain("_framework");
    }

    [Fact]
    public async Task A_promise_that_nobody_has_looked_at_is_not_known()
    {
        var workspace = await _host.OpenWorkspaceAsync();

        var (_, page, _) = await GetAsync($"/trust/{workspace.Slug}");

        page.ShouldContain("<dd class=\"holds\">0</dd>");
        page.ShouldContain("Nobody has looked yet.");
    }

    [Fact]
    public async Task A_broken_promise_shows_as_broken()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await WriteAsync(workspace, "widget.13", Verdict.Broken, "inbox.message has no row-level security.");

        var (_, page, _) = await GetAsync($"/trust/{workspace.Slug}");

        page.ShouldContain("<span class=\"state-broken\">Broken</span>");
        page.ShouldContain("<dd class=\"broken\">1</dd>");
    }

    [Fact]
    public async Task Every_promise_of_the_policy_stands_on_the_page_once()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var policy = await _host.Services.GetRequiredService<PolicyBook>().OfAsync(workspace.Id, Ct);

        var (_, page, _) = await GetAsync($"/trust/{workspace.Slug}");

        foreach (var promise in policy.Promises)
        {
            page.Split($"<li id=\"{promise.Id}\"").Length.ShouldBe(2, promise.Id);
        }
    }

    [Fact]
    public async Task An_unknown_a_closed_and_an_impossible_name_are_the_same_missing_page()
    {
        var closed = await _host.OpenWorkspaceAsync();
        await _host.AsOwnerAsync<int>("update kernel.workspace set closed_at = now() where id = $1", closed.Id);

        var unknown = await GetAsync("/trust/nobody-of-this-name");

        unknown.Status.ShouldBe(HttpStatusCode.NotFound);
        (await GetAsync($"/trust/{closed.Slug}")).ShouldBe(unknown);
        (await GetAsync("/trust/" + new string('x', 300))).ShouldBe(unknown);
        (await GetAsync("/trust/..%2f%00")).Status.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_installations_page_tells_of_no_single_workspace()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var one = await host.OpenWorkspaceAsync();
        var other = await host.OpenWorkspaceAsync();
        await WriteAsync(one, "widget.13", Verdict.Holds, "Only here: 17.", host);
        await WriteAsync(other, "widget.13", Verdict.Broken, "Only there: 18.", host);

        var (status, page, _) = await GetAsync("/trust", host);

        status.ShouldBe(HttpStatusCode.OK);
        page.ShouldContain("It holds in 1 of 2 workspaces.");
        page.ShouldNotContain("Only here");
        page.ShouldNotContain("Only there");
        page.ShouldContain("<span class=\"state-broken\">Broken</span>");
    }

    [Fact]
    public async Task A_policy_that_is_not_in_force_has_no_page() =>
        (await GetAsync("/trust?policy=nothing-of-this-name")).Status.ShouldBe(HttpStatusCode.NotFound);

    private async Task WriteAsync(Workspace workspace, string promiseId, Verdict verdict, string says, TestHost? host = null)
    {
        host ??= _host;
        var policy = await host.Services.GetRequiredService<PolicyBook>().OfAsync(workspace.Id, Ct);
        var promise = policy.Promises.Single(known => known.Id == promiseId);
        var look = (promise, 0, new Finding(verdict, says, 83, "ab"), DateTimeOffset.UtcNow);
        await host.Door.RunAsync(workspace.Id, Actor.System, ctx => PromiseLedger.WriteAsync(ctx, [look], Ct), Ct);
    }

    private async Task<(HttpStatusCode Status, string Page, bool SetsCookie)> GetAsync(string path, TestHost? host = null)
    {
        using var client = (host ?? _host).Client();
        client.DefaultRequestHeaders.Add("Accept", "text/html");
        using var response = await client.GetAsync(path, Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct), response.Headers.Contains("Set-Cookie"));
    }
}
