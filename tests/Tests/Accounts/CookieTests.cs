using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class CookieTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_page_sets_another_cookie_than_the_session()
    {
        var member = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        using var stranger = _host.Client();
        string[] pages = ["/", "/members", "/audit-log", "/sign-in", "/sign-in/sent", "/sign-in/link/x", "/invitations/x", "/nowhere"];
        foreach (var client in new[] { member.Client, stranger })
        {
            client.DefaultRequestHeaders.Add("Accept", "text/html");
            foreach (var page in pages)
            {
                using var response = await client.GetAsync(page, _ct);
                Browser.SetCookies(response).ShouldBeEmpty($"{page} needs no cookie");
            }
        }
        using var asked = await stranger.PostAsync(
            "/sign-in/links",
            new FormUrlEncodedContent([KeyValuePair.Create("email", "nobody@example.org")]),
            _ct
        );
        var cookie = Browser.SetCookies(asked).ShouldHaveSingleItem();
        cookie.ShouldStartWith("tenet_session=");
        cookie.ShouldContain("; path=/");
        cookie.ShouldContain("; httponly");
        cookie.ShouldContain("; samesite=lax");
        cookie.ShouldNotContain("domain=");
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("../../../../etc/passwd")]
    [InlineData("' or true --")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_forged_cookie_is_nobodys(string value)
    {
        using var client = _host.Client();
        client.DefaultRequestHeaders.Add("Cookie", "tenet_session=" + value);

        (await client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task The_cookie_counts_for_nothing_in_what_another_site_sends(string header, string value)
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        owner.Client.DefaultRequestHeaders.Add(header, value);

        using var invited = await owner.Client.PostAsJsonAsync("/api/invitations", new { email = "a@example.org", role = "admin" }, _ct);
        invited.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var signedOut = await owner.Client.PostAsync("/sign-out", new FormUrlEncodedContent([]), _ct);
        signedOut.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Another_site_cannot_open_a_socket_with_the_cookie()
    {
        var owner = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/members");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        request.Headers.Add("Origin", "https://evil.example");

        (await owner.Client.SendAsync(request, _ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Tokens_and_addresses_stay_out_of_the_log()
    {
        var log = new Lines();
        await using var host = await cluster.StartHostAsync(builder =>
        {
            builder.Services.AddSingleton<ILoggerProvider>(log);
            builder.Logging.SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft", LogLevel.Warning);
        });
        var member = await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent);
        var browser = new Browser(host, _ct);
        var token = await browser.AskForLinkAsync(member.Member.Email);
        using (await browser.GetAsync("/sign-in/link/" + token)) { }
        await browser.RedeemAsync(token);
        await browser.RedeemAsync(token);

        var text = log.Text;
        text.ShouldContain("/sign-in/link/{Token}");
        text.ShouldNotContain(token);
        text.ShouldNotContain(browser.Cookie!);
        text.ShouldNotContain(member.Member.Email);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public string Text => string.Join('\n', _lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => _lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose() { }
    }
}
