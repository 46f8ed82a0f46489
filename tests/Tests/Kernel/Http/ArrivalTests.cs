using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Tenet.Kernel.Http.Arrival;
using Tenet.Tests.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class ArrivalTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("evil.example", 400)]
    [InlineData("127.0.0.1.evil.example", 400)]
    [InlineData("chat.example.com.evil.example", 400)]
    [InlineData("example.org", 400)]
    [InlineData("chat.example.com", 200)]
    [InlineData("CHAT.example.com:8443", 200)]
    [InlineData("eu.example.org", 200)]
    [InlineData("localhost:9", 200)]
    public async Task A_host_that_is_not_ours_is_refused(string name, int status)
    {
        await using var host = await cluster.StartHostAsync(
            background: false,
            settings: options =>
                options with
                {
                    PublicUrl = "https://chat.example.com",
                    Arrival = new ArrivalOptions { AllowedHosts = ["*.example.org"] },
                }
        );
        using var client = host.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in") { Headers = { Host = name } };
        using var answer = await client.SendAsync(request, _ct);
        ((int)answer.StatusCode).ShouldBe(status);
        using var health = new HttpRequestMessage(HttpMethod.Get, "/health/live") { Headers = { Host = name } };
        (await client.SendAsync(health, _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("127.0.0.0/8", "203.0.113.7, 127.0.0.9", "203.0.113.7", "https", "chat.example.com")]
    // The first that is not trusted is who called; what stands before it is hearsay.
    [InlineData("127.0.0.0/8", "10.6.6.6, 203.0.113.7", "203.0.113.7", "https", "chat.example.com")]
    [InlineData("10.0.0.0/8", "203.0.113.7", "127.0.0.1", "http", "127.0.0.1")]
    [InlineData(null, "203.0.113.7", "127.0.0.1", "http", "127.0.0.1")]
    public async Task Forwarded_headers_count_from_trusted_proxies_only(
        string? trusted,
        string forwardedFor,
        string ip,
        string scheme,
        string hostName
    )
    {
        await using var app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            map: routes =>
                routes
                    .MapGet(
                        "/seen",
                        (Microsoft.AspNetCore.Http.HttpContext http) =>
                            new[] { http.Connection.RemoteIpAddress!.MapToIPv4().ToString(), http.Request.Scheme, http.Request.Host.Host }
                    )
                    .AllowAnonymous(),
            options: kernel =>
                kernel with
                {
                    Arrival = new ArrivalOptions { TrustedProxies = trusted is null ? [] : [trusted], AllowedHosts = ["chat.example.com"] },
                }
        );
        using var client = app.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/seen");
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "chat.example.com");
        using var answer = await client.SendAsync(request, _ct);

        (await answer.Content.ReadFromJsonAsync<string[]>(_ct)).ShouldBe([ip, scheme, hostName]);
        answer.Headers.Contains("Strict-Transport-Security").ShouldBe(scheme is "https");
    }

    [Fact]
    public async Task A_proxys_word_for_a_host_that_is_not_ours_is_refused()
    {
        await using var host = await cluster.StartHostAsync(
            background: false,
            settings: options => options with { Arrival = new ArrivalOptions { TrustedProxies = ["127.0.0.1"] } }
        );
        using var client = host.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        (await client.SendAsync(request, _ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public void A_network_that_is_none_is_named() =>
        Should
            .Throw<InvalidOperationException>(() => new ArrivalOptions { TrustedProxies = ["10.0.0.0/8", "proxy.local"] }.Networks())
            .Message.ShouldContain("proxy.local");

    [Fact]
    public async Task Every_endpoint_answers_with_the_headers_that_bind_browsers_and_with_no_permission_for_other_sites()
    {
        using var callers = await Callers.OfAsync(cluster.Host);
        var findings = new List<string>();
        foreach (var endpoint in MappedEndpoint.Of(cluster.Host))
        {
            using var request = new HttpRequestMessage(
                new HttpMethod(endpoint.Method),
                callers.AddressOf(endpoint, Guid.CreateVersion7().ToString())
            );
            request.Headers.Add("Origin", "https://evil.example");
            using var answer = await callers.Of(endpoint).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _ct);
            findings.AddRange(Missing(answer).Select(header => $"{endpoint} answered {(int)answer.StatusCode} without {header}"));
            if (answer.Headers.TryGetValues("Access-Control-Allow-Origin", out _))
            {
                findings.Add($"{endpoint} lets https://evil.example read its answer");
            }
        }
        findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_there_and_what_fails_carry_the_headers_too()
    {
        await using var app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            map: routes => routes.MapGet("/fails", string () => throw new InvalidOperationException("it fails")).AllowAnonymous()
        );
        using var client = app.Client();
        foreach (var path in new[] { "/fails", "/nothing" })
        {
            using var answer = await client.GetAsync(path, _ct);
            Missing(answer).ShouldBeEmpty(path);
        }
    }

    [Fact]
    public async Task An_answer_without_them_would_be_found()
    {
        using var bare = new HttpResponseMessage();
        Missing(bare).ShouldBe(["nosniff", "a content policy without inline scripts", "Referrer-Policy", "RateLimit"]);
        bare.Headers.TryAddWithoutValidation("Content-Security-Policy", "script-src 'self' 'unsafe-inline'");
        Missing(bare).ShouldContain("a content policy without inline scripts");
        await Task.CompletedTask;
    }

    private static IEnumerable<string> Missing(HttpResponseMessage answer)
    {
        if (!Value(answer, "X-Content-Type-Options").Equals("nosniff", StringComparison.Ordinal))
        {
            yield return "nosniff";
        }
        var policy = Value(answer, "Content-Security-Policy");
        var scripts = policy.Split(';').FirstOrDefault(part => part.Contains("script-src", StringComparison.Ordinal)) ?? "";
        if (!policy.Contains("default-src 'none'", StringComparison.Ordinal) || scripts.Contains("unsafe", StringComparison.Ordinal))
        {
            yield return "a content policy without inline scripts";
        }
        if (Value(answer, "Referrer-Policy").Length == 0)
        {
            yield return "Referrer-Policy";
        }
        if (Value(answer, "RateLimit").Length == 0)
        {
            yield return "RateLimit";
        }
    }

    private static string Value(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
