using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Privacy;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class PublicPagesTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("privacy")]
    [InlineData("privacy/versions")]
    [InlineData("subprocessors")]
    [InlineData("cookies")]
    public async Task Each_page_is_there_for_the_installation_and_for_a_workspace_and_sets_no_cookie(string page)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var client = _host.Client();

        foreach (var path in new[] { $"/{page}", $"/{page}?policy=support-widget", $"/trust/{workspace.Slug}/{page}" })
        {
            using var response = await client.GetAsync(path, Ct);

            response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            response.Headers.Contains("Set-Cookie").ShouldBeFalse(path);
            (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("Support by chat");
        }
        using var unknown = await client.GetAsync($"/trust/nobody-of-this-name/{page}", Ct);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_policys_text_is_the_files()
    {
        var policy = await _host.Services.GetRequiredService<PolicyBook>().DefaultAsync(Ct);

        var page = WebUtility.HtmlDecode(await PageAsync(_host, "/privacy"));

        page.ShouldContain(policy.Version);
        page.ShouldContain("in force since 21 November 2026");
        foreach (var promise in policy.Promises)
        {
            page.ShouldContain(promise.Says);
        }
    }

    [Fact]
    public async Task The_cookie_page_names_what_the_policy_allows_and_what_it_is_for()
    {
        var page = await PageAsync(_host, "/cookies");

        page.ShouldContain("tenet_session");
        page.ShouldContain("keeps a member of the team signed in");
        page.ShouldNotContain("not set by this release");
    }

    [Fact]
    public async Task Global_privacy_control_is_honoured_and_says_so()
    {
        using var client = _host.Client();

        using var answer = await client.GetAsync("/.well-known/gpc.json", Ct);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var gpc = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement;
        gpc.GetProperty("gpc").GetBoolean().ShouldBeTrue();
        gpc.GetProperty("lastUpdate").GetString().ShouldBe("2026-11-21");
    }

    [Fact]
    public async Task Security_txt_is_missing_until_the_operator_names_a_contact()
    {
        using var client = _host.Client();
        using var missing = await client.GetAsync("/.well-known/security.txt", Ct);
        missing.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        await using var host = await cluster.StartHostAsync(
            background: false,
            settings: options =>
                options with
                {
                    PublicUrl = "https://chat.example.com",
                    Operator = new OperatorOptions
                    {
                        SecurityTxt = new SecurityTxtOptions
                        {
                            Contact = ["mailto:security@example.com\r\nPolicy: https://evil.example"],
                            Expires = new DateTimeOffset(2027, 1, 2, 3, 4, 5, TimeSpan.Zero),
                            PreferredLanguages = "en, de",
                        },
                    },
                }
        );
        using var named = host.Client();
        named.DefaultRequestHeaders.Host = "chat.example.com";
        using var answer = await named.GetAsync("/.well-known/security.txt", Ct);

        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; charset=utf-8");
        (await answer.Content.ReadAsStringAsync(Ct))
            .Split("\r\n")
            .ShouldBe([
                "Contact: mailto:security@example.com Policy: https://evil.example",
                "Expires: 2027-01-02T03:04:05Z",
                "Preferred-Languages: en, de",
                "Canonical: https://chat.example.com/.well-known/security.txt",
                "",
            ]);
    }

    internal static async Task<string> PageAsync(TestHost host, string path)
    {
        using var client = host.Client();
        using var response = await client.GetAsync(path, Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return await response.Content.ReadAsStringAsync(Ct);
    }
}
