using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

/// <summary>Who sends slowly, or too much, is cut off, and others are served meanwhile.</summary>
public sealed class SlowRequestTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Headers_that_do_not_end_and_bodies_that_trickle_are_cut_off_while_others_are_served()
    {
        await using var host = await cluster.StartHostAsync(
            builder =>
                builder.Services.PostConfigure<KestrelServerOptions>(kestrel =>
                {
                    kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1);
                    kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(10_000, TimeSpan.FromSeconds(1.5));
                }),
            background: false
        );
        var member = await host.JoinAsync(await host.OpenWorkspaceAsync(), "owner");
        using var other = member.Client;

        // More than there are connections to the database: a slow body must hold none.
        var slow = Enumerable.Range(0, 60).Select(_ => TrickleAsync(host, member.Cookie)).ToList();
        var endless = Enumerable.Range(0, 20).Select(_ => EndlessHeadersAsync(host)).ToList();
        for (var n = 0; n < 20; n++)
        {
            (await other.GetAsync("/api/members", _ct)).EnsureSuccessStatusCode();
        }

        (await Task.WhenAll(endless)).ShouldAllBe(answer =>
            answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal)
        );
        (await Task.WhenAll(slow)).ShouldAllBe(answer => answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, 10, 431)]
    [InlineData(1, 40_000, 431)]
    public async Task Headers_beyond_the_limits_are_refused(int count, int length, int status)
    {
        using var client = await ConnectAsync(cluster.Host);
        var headers = string.Concat(Enumerable.Range(0, count).Select(n => $"X-{n}: {new string('x', length)}\r\n"));
        await WriteAsync(client, $"GET /health/live HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        (await ReadAsync(client)).ShouldStartWith($"HTTP/1.1 {status}");
    }

    [Fact]
    public async Task A_line_beyond_the_limit_is_refused()
    {
        using var client = await ConnectAsync(cluster.Host);
        await WriteAsync(client, $"GET /{new string('x', 10_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        (await ReadAsync(client)).ShouldStartWith("HTTP/1.1 414");
    }

    private async Task<string> TrickleAsync(TestHost host, string cookie)
    {
        using var client = await ConnectAsync(host);
        await WriteAsync(
            client,
            $"POST /api/knowledge/answers HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{{"
        );
        return await ReadAsync(client);
    }

    private async Task<string> EndlessHeadersAsync(TestHost host)
    {
        using var client = await ConnectAsync(host);
        await WriteAsync(client, "GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        return await ReadAsync(client);
    }

    private async Task<TcpClient> ConnectAsync(TestHost host)
    {
        var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, _ct);
        return client;
    }

    private Task WriteAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), _ct).AsTask();

    /// <summary>Everything until the other side closes.</summary>
    private async Task<string> ReadAsync(TcpClient client)
    {
        using var memory = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(memory, _ct);
        }
        catch (IOException)
        {
            // Reset: what came before it counts.
        }
        return Encoding.ASCII.GetString(memory.ToArray());
    }
}
