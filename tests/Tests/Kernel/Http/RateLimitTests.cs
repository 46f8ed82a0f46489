using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class RateLimitTests(TestCluster cluster)
{
    private const int Many = 1_000_000;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_tells_the_limits_and_what_is_left_of_them()
    {
        await using var host = await cluster.StartHostAsync(limits: Limits(api: new() { PerIp = 500, PerWorkspace = 300 }));
        using var owner = await host.SignInAsync(await host.OpenWorkspaceAsync(), "owner");

        using var answer = await owner.GetAsync("/api/members", _ct);

        answer.Headers.GetValues("RateLimit-Policy").ShouldBe(["\"ip\";q=500;w=60, \"workspace\";q=300;w=60"]);
        answer.Headers.GetValues("RateLimit").ShouldHaveSingleItem().ShouldMatch("^\"ip\";r=499;t=[0-9]+, \"workspace\";r=299;t=[0-9]+$");
        // An error's answer tells them, too.
        using var missing = await owner.GetAsync($"/api/members/{Guid.CreateVersion7()}", _ct);
        missing.Headers.Contains("RateLimit").ShouldBeTrue();
    }

    [Fact]
    public async Task A_flooded_workspace_leaves_others_served()
    {
        await using var host = await cluster.StartHostAsync(limits: Limits(api: new() { PerIp = Many, PerWorkspace = 50 }));
        using var flooding = await host.SignInAsync(await host.OpenWorkspaceAsync(), "owner");
        using var quiet = await host.SignInAsync(await host.OpenWorkspaceAsync(), "owner");

        var passed = await FloodAsync(flooding, "/api/members", 120);

        passed.ShouldBeInRange(45, 55);
        using var refused = await flooding.GetAsync("/api/members", _ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(61));
        refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await quiet.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        // Another group of the same workspace: the console's pages.
        (await flooding.GetAsync("/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_flood_from_one_address_leaves_others_served()
    {
        await using var host = await cluster.StartHostAsync(limits: Limits(api: new() { PerIp = 50, PerWorkspace = Many }));
        var member = await host.JoinAsync(await host.OpenWorkspaceAsync(), "owner");
        using var flooding = member.Client;
        using var elsewhere = From("127.0.0.77", host);
        elsewhere.DefaultRequestHeaders.Add("Cookie", member.Cookie);

        (await FloodAsync(flooding, "/api/members", 120)).ShouldBeInRange(45, 55);

        (await elsewhere.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_chat_that_is_flooded_leaves_the_team_and_other_chats_served()
    {
        await using var host = await cluster.StartHostAsync(limits: Limits(widget: new() { PerIp = Many, PerWorkspace = 40 }));
        var workspace = await host.OpenWorkspaceAsync();
        var key = await WidgetVisitor.WidgetKeyAsync(host, workspace);
        var other = await WidgetVisitor.WidgetKeyAsync(host, await host.OpenWorkspaceAsync());
        using var visitor = host.Client();
        using var owner = await host.SignInAsync(workspace, "owner");

        (await FloodAsync(visitor, $"/api/widget/{key}/config", 100)).ShouldBeInRange(36, 44);

        (await visitor.GetAsync($"/api/widget/{other}/config", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await owner.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_has_a_limit_of_its_own_and_leaves_the_workspaces_other_callers_alone()
    {
        await using var host = await cluster.StartHostAsync(limits: Limits());
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, "owner");
        var made = await host.Door.RunAsync(
            workspace.Id,
            Actor.Member(owner.Member.Id),
            ctx =>
                host.Services.GetRequiredService<ApiKeys>()
                    .MakeAsync(ctx, new NewApiKey("script", ["members:read"], RequestsPerMinute: 30), _ct),
            _ct
        );
        using var program = host.Client();
        program.DefaultRequestHeaders.Authorization = new("Bearer", made.Text);

        (await FloodAsync(program, "/api/members", 80)).ShouldBeInRange(27, 33);

        using var refused = await program.GetAsync("/api/members", _ct);
        (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain("this API key");
        refused.Headers.GetValues("RateLimit-Policy").Single().ShouldContain("\"key\";q=30;w=60");
        (await owner.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    public async Task Three_nodes_hold_a_limit_together_within_a_tenth(int limit)
    {
        var limits = Limits(api: new() { PerIp = Many, PerWorkspace = limit });
        await using var first = await cluster.StartHostAsync(limits: limits, background: false);
        await using var second = await NodeOf(first, limits);
        await using var third = await NodeOf(first, limits);
        var member = await first.JoinAsync(await first.OpenWorkspaceAsync(), "owner");
        TestHost[] nodes = [first, second, third];

        // Within one window: a window that ends meanwhile would double what passes.
        await WindowBeginsAsync(first, member.Cookie);
        var passed = await Task.WhenAll(
            nodes.Select(
                async (node, n) =>
                {
                    using var client = node.Client();
                    client.DefaultRequestHeaders.Add("Cookie", member.Cookie);
                    // The first node has four times the load of the last.
                    return await FloodAsync(client, "/api/members", limit * (4 - n) / 3);
                }
            )
        );

        passed.Sum().ShouldBeInRange(limit * 9 / 10, limit * 11 / 10);
    }

    [Fact]
    public async Task A_caller_within_a_hundredth_of_the_limit_costs_the_database_nothing()
    {
        await using var host = await cluster.StartHostAsync(limits: Limits(api: new() { PerIp = 10_000, PerWorkspace = 10_000 }));
        using var owner = await host.SignInAsync(await host.OpenWorkspaceAsync(), "owner");

        (await FloodAsync(owner, "/api/members", 40)).ShouldBe(40);

        (await host.AsOwnerAsync<long>("select count(*) from kernel.rate_window")).ShouldBe(0);
    }

    [Fact]
    public async Task Two_nodes_hold_a_persons_limit_together_within_a_tenth()
    {
        const int limit = 30;
        await using var first = await cluster.StartHostAsync(background: false);
        await using var second = await NodeOf(first, Limits());
        SharedLimits[] nodes = [.. new[] { first, second }.Select(host => host.Services.GetRequiredService<SharedLimits>())];
        var workspace = (await first.OpenWorkspaceAsync()).Id;

        var (passed, within) = (0, false);
        // Within one window: one that ends meanwhile would let more pass.
        for (var tries = 0; tries < 10 && !within; tries++)
        {
            await first.AsOwnerAsync<object>("delete from kernel.rate_window");
            var visitor = Guid.CreateVersion7();
            passed = await TakeAsync(visitor, 8);
            var began = await BegunAsync();
            passed += await TakeAsync(visitor, 2 * limit);
            within = await BegunAsync() == began;
        }

        passed.ShouldBeInRange(limit * 9 / 10, limit * 11 / 10);
        (await nodes[1].TryTakeAsync(RateGroup.Widget, workspace, Guid.CreateVersion7(), limit, Many, _ct)).ShouldBeTrue();

        Task<string?> BegunAsync() => first.AsOwnerAsync<string>("select max(begun_at)::text from kernel.rate_window");

        async Task<int> TakeAsync(Guid visitor, int times)
        {
            var taken = 0;
            for (var n = 0; n < times; n++)
            {
                taken += await nodes[n % 2].TryTakeAsync(RateGroup.Widget, workspace, visitor, limit, Many, _ct) ? 1 : 0;
            }
            return taken;
        }
    }

    private static RateLimitOptions Limits(GroupLimits? api = null, GroupLimits? widget = null)
    {
        var plenty = new GroupLimits { PerIp = Many, PerWorkspace = Many };
        return new RateLimitOptions
        {
            Api = api ?? plenty,
            Widget = widget ?? plenty,
            Pages = plenty,
            SignIn = plenty,
            Open = plenty,
        };
    }

    private Task<TestHost> NodeOf(TestHost first, RateLimitOptions limits) =>
        TestHost.StartAsync(first.AdminConnectionString, cluster.MasterKeyFile, null, background: false, limits);

    private async Task<int> FloodAsync(HttpClient client, string path, int requests)
    {
        var passed = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = _ct },
            async (_, ct) =>
            {
                using var answer = await client.GetAsync(path, ct);
                if (answer.StatusCode is HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref passed);
                }
                else
                {
                    answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
                }
            }
        );
        return passed;
    }

    /// <summary>Waits, if need be, until at least half a minute of the workspace's window is left.</summary>
    private async Task WindowBeginsAsync(TestHost host, string cookie)
    {
        using var client = host.Client();
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        for (var tries = 0; tries < 10; tries++)
        {
            // A few, so that the node has asked the database which window runs.
            await FloodAsync(client, "/api/members", 8);
            await Task.Delay(300, _ct);
            using var answer = await client.GetAsync("/api/members", _ct);
            var left = answer.Headers.GetValues("RateLimit").Single().Split("t=")[^1];
            var seconds = int.Parse(left, CultureInfo.InvariantCulture);
            if (seconds > 25)
            {
                return;
            }
            await Task.Delay(TimeSpan.FromSeconds(seconds + 1), _ct);
        }
    }

    /// <summary>A client that calls from another address of the loopback network.</summary>
    internal static HttpClient From(string address, TestHost host) =>
        new(
            new SocketsHttpHandler
            {
                UseCookies = false,
                ConnectCallback = async (context, ct) =>
                {
                    var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                    socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                    await socket.ConnectAsync(context.DnsEndPoint, ct);
                    return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = host.Address,
        };
}
