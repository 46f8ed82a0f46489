using System.Net;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Shell;
using Tenet.Tests.Guards;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Shell;

public sealed class ConsoleShellTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public void Every_module_with_pages_is_routed() =>
        Product
            .Types.Where(type => type.IsDefined(typeof(RouteAttribute), inherit: false))
            .Select(type => type.Assembly)
            .Distinct()
            .Except([.. ConsoleShell.ModulesWithPages, typeof(ConsoleShell).Assembly])
            .ShouldBeEmpty();

    [Fact]
    public async Task The_navigation_lists_what_the_role_reaches()
    {
        var workspace = await _host.OpenWorkspaceAsync();

        (await PageAsync(await _host.SignInAsync(workspace, Access.Owner), "/members")).ShouldContain("href=\"/audit-log\"");
        (await PageAsync(await _host.SignInAsync(workspace, Access.Viewer), "/members")).ShouldNotContain("href=\"/audit-log\"");
    }

    [Theory]
    [InlineData("/members")]
    [InlineData("/sign-in")]
    [InlineData("/nowhere")]
    public async Task A_page_loads_from_us_only_and_sits_in_no_frame(string path)
    {
        var client = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        client.DefaultRequestHeaders.Add("Accept", "text/html");

        using var response = await client.GetAsync(path, _ct);

        var policy = response.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("script-src 'self';");
        policy.ShouldContain("frame-ancestors 'none'");
        response.Headers.GetValues("Referrer-Policy").ShouldBe(["same-origin"]);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("multipart/form-data", "--x")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncut o")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nno header\r\n\r\n")]
    public async Task A_form_that_cannot_be_read_is_its_senders_fault(string type, string body)
    {
        var client = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        using var content = new StringContent(body);
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        using var response = await client.PostAsync("/members", content, _ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_for_a_browser_and_a_problem_for_a_program()
    {
        var client = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        using var program = await client.GetAsync($"/api/members/{Guid.CreateVersion7()}", _ct);
        program.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        program.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");

        client.DefaultRequestHeaders.Add("Accept", "text/html");
        using var browser = await client.GetAsync("/nowhere", _ct);
        browser.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await browser.Content.ReadAsStringAsync(_ct)).ShouldContain("There is nothing at this address");
    }

    [Fact]
    public async Task A_form_that_cannot_be_read_is_answered_with_a_page()
    {
        using var client = _host.Client();
        client.DefaultRequestHeaders.Add("Accept", "text/html");

        using var content = new StringContent("token=a%00b", null, "application/x-www-form-urlencoded");
        using var refused = await client.PostAsync("/sign-in/sessions", content, _ct);

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain("<h1>This cannot be read</h1>");
    }

    [Fact]
    public async Task The_console_loads_its_script_and_the_sign_in_page_needs_none()
    {
        var client = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), Access.Viewer);
        var page = await PageAsync(client, "/members");
        var from = page.IndexOf("_framework/blazor.web", StringComparison.Ordinal);
        from.ShouldBeGreaterThan(0);

        using var script = await client.GetAsync("/" + page[from..page.IndexOf('"', from)], _ct);
        script.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var stranger = _host.Client();
        (await PageAsync(stranger, "/sign-in")).ShouldNotContain("_framework");
    }

    private async Task<string> PageAsync(HttpClient client, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/html");
        using var response = await client.SendAsync(request, _ct);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(_ct);
    }
}
