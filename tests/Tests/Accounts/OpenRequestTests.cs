using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

/// <summary>What lasts for hours ends with the sign-in behind it: streams of events and the sockets of open pages.</summary>
public sealed class OpenRequestTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_ends_when_its_session_is_ended_on_this_node()
    {
        await using var host = await StreamingAsync();
        var (member, stream) = await ListenAsync(host);

        await new Browser(host, _ct) { Cookie = Token(member) }.PostAsync("/sign-out");

        await EndedAsync(stream);
    }

    [Fact]
    public async Task A_stream_ends_when_its_session_is_gone_without_a_word()
    {
        await using var host = await StreamingAsync();
        var (_, stream) = await ListenAsync(host);

        await host.AsOwnerAsync<int>("delete from accounts.session");

        await EndedAsync(stream);
    }

    [Fact]
    public async Task A_stream_ends_when_its_member_is_removed_and_another_ones_goes_on()
    {
        await using var host = await StreamingAsync();
        var workspace = await host.OpenWorkspaceAsync();
        var (owner, agent) = (await host.JoinAsync(workspace, Access.Owner), await host.JoinAsync(workspace, Access.Agent));
        var (kept, cut) = (await OpenAsync(owner.Client), await OpenAsync(agent.Client));

        (await owner.Client.DeleteAsync($"/api/members/{agent.Member.Id}", _ct)).EnsureSuccessStatusCode();

        await EndedAsync(cut);
        await ReadAsync(kept);
        await ReadAsync(kept);
    }

    [Fact]
    public async Task A_stream_of_a_program_ends_when_its_key_is_revoked()
    {
        await using var host = await StreamingAsync();
        var owner = await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Owner);
        using var made = await owner.Client.PostAsJsonAsync(
            "/api/api-keys",
            new
            {
                name = "x",
                role = "viewer",
                scopes = new[] { "members:read" },
            },
            _ct
        );
        var key = await made.Content.ReadFromJsonAsync<JsonElement>(_ct);
        using var program = host.Client();
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.GetProperty("secret").GetString());
        var stream = await OpenAsync(program);

        (
            await owner.Client.DeleteAsync($"/api/api-keys/{key.GetProperty("key").GetProperty("id").GetGuid()}", _ct)
        ).EnsureSuccessStatusCode();

        await EndedAsync(stream);
    }

    [Fact]
    public async Task The_socket_of_an_open_page_ends_with_its_session()
    {
        var host = cluster.Host;
        var member = await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", member.Cookie);
        await socket.ConnectAsync(new UriBuilder(host.Address) { Scheme = "ws", Path = "/_blazor" }.Uri, _ct);
        socket.State.ShouldBe(WebSocketState.Open);
        await socket.SendAsync("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, _ct);

        await new Browser(host, _ct) { Cookie = Token(member) }.PostAsync("/sign-out");

        var buffer = new byte[4096];
        await Should.ThrowAsync<WebSocketException>(async () =>
        {
            while ((await socket.ReceiveAsync(buffer, _ct)).MessageType != WebSocketMessageType.Close) { }
            throw new WebSocketException();
        });
    }

    [Fact]
    public async Task A_person_ends_one_session_or_all_others_and_nobody_elses()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var (member, other) = (await host.JoinAsync(workspace, Access.Agent), await host.JoinAsync(workspace, Access.Agent));
        var browsers = new List<Browser>();
        for (var n = 0; n < 3; n++)
        {
            var browser = new Browser(host, _ct);
            var link = await host.Services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(member.Member.Email, _ct);
            await browser.RedeemAsync(link.Segments[^1]);
            browsers.Add(browser);
        }
        var own = host.Services.GetRequiredService<OwnSessions>();
        var me = (await host.Services.GetRequiredService<Sessions>().FindAsync(Secrets.Hash(Token(member)), _ct))!;
        var them = (await host.Services.GetRequiredService<Sessions>().FindAsync(Secrets.Hash(Token(other)), _ct))!;
        var lines = await own.ListAsync(me.SessionId, _ct);
        lines.Count.ShouldBe(4);
        lines.ShouldAllBe(line => line.Place == "This machine");

        await Should.ThrowAsync<NotFoundException>(() => own.EndAsync(workspace.Id, me.MemberId, me.SessionId, them.SessionId, _ct));
        await own.EndAsync(workspace.Id, me.MemberId, me.SessionId, lines.First(line => line.Id != me.SessionId).Id, _ct);
        (await own.EndOthersAsync(workspace.Id, me.MemberId, me.SessionId, _ct)).ShouldBe(2);

        foreach (var browser in browsers)
        {
            (await browser.IsSignedInAsync()).ShouldBeFalse();
        }
        (await member.Client.GetAsync("/api/members", _ct)).IsSuccessStatusCode.ShouldBeTrue();
        (await other.Client.GetAsync("/api/members", _ct)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", "Chrome on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows")]
    [InlineData(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1",
        "Safari on iPhone"
    )]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows")]
    [InlineData("<script>alert(1)</script>", "Unknown device")]
    [InlineData(null, "Unknown device")]
    public void A_device_is_what_its_browser_says(string? agent, string said) => Device.Of(agent).ShouldBe(said);

    [Theory]
    [InlineData("127.0.0.1", "This machine")]
    [InlineData("::1", "This machine")]
    [InlineData("203.0.113.77", "Network 203.0.113.x")]
    [InlineData("::ffff:203.0.113.77", "Network 203.0.113.x")]
    [InlineData("192.168.1.20", "Local network 192.168.1.x")]
    [InlineData("172.32.0.1", "Network 172.32.0.x")]
    [InlineData("2001:db8:1:2:3:4:5:6", "Network 2001:db8:1::")]
    [InlineData("nowhere", "Unknown network")]
    [InlineData(null, "Unknown network")]
    public void A_place_is_a_network_and_no_closer(string? ip, string said) => Device.PlaceOf(ip).ShouldBe(said);

    /// <summary>A host with a stream of one dot every tenth of a second, for whoever is signed in.</summary>
    private Task<TestHost> StreamingAsync() =>
        cluster.StartHostAsync(builder => builder.Services.AddSingleton<IStartupFilter>(new Stream()));

    private async Task<(TestMember Member, System.IO.Stream Stream)> ListenAsync(TestHost host)
    {
        var member = await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent);
        return (member, await OpenAsync(member.Client));
    }

    private async Task<System.IO.Stream> OpenAsync(HttpClient client)
    {
        var response = await client.GetAsync("/dots", HttpCompletionOption.ResponseHeadersRead, _ct);
        response.EnsureSuccessStatusCode();
        var stream = await response.Content.ReadAsStreamAsync(_ct);
        await ReadAsync(stream);
        return stream;
    }

    private async Task ReadAsync(System.IO.Stream stream) => (await stream.ReadAsync(new byte[1], _ct)).ShouldBe(1);

    private async Task EndedAsync(System.IO.Stream stream) =>
        await Should.ThrowAsync<Exception>(async () =>
        {
            while (await stream.ReadAsync(new byte[16], _ct) > 0) { }
            throw new IOException();
        });

    private static string Token(TestMember member) => member.Cookie["tenet_session=".Length..];

    private sealed class Stream : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.Use(
                    async (http, rest) =>
                    {
                        if (http.Request.Path != "/dots")
                        {
                            await rest(http);
                            return;
                        }
                        if (!(await http.AuthenticateAsync()).Succeeded)
                        {
                            http.Response.StatusCode = 401;
                            return;
                        }
                        while (!http.RequestAborted.IsCancellationRequested)
                        {
                            await http.Response.Body.WriteAsync("."u8.ToArray());
                            await http.Response.Body.FlushAsync();
                            await Task.Delay(100);
                        }
                    }
                );
                next(app);
            };
    }
}
