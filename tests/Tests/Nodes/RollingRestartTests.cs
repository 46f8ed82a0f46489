using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Shouldly;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Nodes;

/// <summary>Two hosts behind a load balancer that asks /health/ready, restarted one after the other under load.</summary>
[Collection("processes")]
public sealed class RollingRestartTests(TestCluster cluster)
{
    [Fact]
    public async Task A_rolling_restart_drops_no_request_and_answers_every_question_once()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var setup = await cluster.StartHostAsync(background: false);
        var workspace = await setup.OpenWorkspaceAsync();
        await using var one = Node(setup);
        await using var two = Node(setup);
        await one.StartAsync();
        await two.StartAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(setup, workspace, at: one.Address);
        using var balancer = new Balancer(visitor.Token, one.Address, two.Address);
        // A stream ends by itself when its host leaves, so that the browser connects to another.
        var stream = visitor.ListenAsync(_ => false);
        using var ending = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 3).Select(_ => AskAsync()).ToList();

        foreach (var node in new[] { one, two })
        {
            await balancer.AnsweredAsync(10, ct);
            (await node.StopAsync()).ShouldBe(0);
            await balancer.AnsweredAsync(10, ct);
            await node.StartAsync();
            await balancer.SeesAsync(node.Address, ct);
        }
        await balancer.AnsweredAsync(10, ct);
        await ending.CancelAsync();
        await Task.WhenAll(asking);

        balancer.Dropped.ShouldBeEmpty();
        (await Should.ThrowAsync<Exception>(stream)).Message.ShouldContain("stream ended");
        await setup.WaitUntilAsync(
            "select count(*) = $2 from inbox.message where workspace_id = $1 and author = 'assistant'",
            workspace.Id,
            (long)balancer.Answered
        );
        (
            await setup.AsOwnerAsync<string>(
                """
                select concat_ws(' ',
                  (select count(*) from inbox.message where workspace_id = $1 and author = 'visitor'),
                  (select count(distinct turn_id) from inbox.message where workspace_id = $1 and author = 'assistant'),
                  (select count(*) from assistant.turn where workspace_id = $1 and state in ('answered', 'not_found')),
                  (select count(*) from kernel.job where workspace_id = $1 and kind = 'inbox.answer'))
                """,
                workspace.Id
            )
        ).ShouldBe(string.Create(CultureInfo.InvariantCulture, $"{balancer.Answered} {balancer.Answered} {balancer.Answered} 0"));

        async Task AskAsync()
        {
            while (!ending.IsCancellationRequested)
            {
                await balancer.PostAsync("/api/widget/messages", new { clientId = Guid.CreateVersion7(), text = "Do you sell tents?" });
                await Task.Delay(20, ct);
            }
        }
    }

    [Fact]
    public async Task A_turn_that_a_stopping_host_cannot_finish_is_handed_to_the_other_at_once()
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = FakeReply.Text("You ", "can.") with { Gap = TimeSpan.FromMinutes(2) };
        await using var setup = await cluster.StartHostAsync(background: false);
        var workspace = await setup.OpenWorkspaceAsync();
        using (var admin = await setup.SignInAsync(workspace, "admin"))
        {
            (
                await admin.PutAsJsonAsync(
                    "/api/assistant/settings",
                    new
                    {
                        provider = "compatible",
                        model = "fake",
                        baseUrl = model.OpenAi.ToString(),
                        key = "k-123456",
                    }
                )
            ).EnsureSuccessStatusCode();
        }
        await using var one = Node(setup, model.Address.Authority);
        await using var two = Node(setup, model.Address.Authority);
        await one.StartAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(setup, workspace, at: one.Address);
        await visitor.SayAsync("Can I exchange the tent?");
        // A second question waits for the first.
        await visitor.SayAsync("And the lamp?");
        await visitor.ListenAsync(e => e.Name == "delta" && e.Text.Length > 0);
        model.Default = FakeReply.Text("You can ", "exchange it.");

        (await one.StopAsync()).ShouldBe(0);

        // Not after the watches' patience: both are due when the host has left.
        (
            await setup.AsOwnerAsync<string>(
                "select concat_ws(' ', count(*), count(*) filter (where run_at <= now())) from kernel.job where kind = 'inbox.answer'"
            )
        ).ShouldBe("2 2");
        await two.StartAsync();
        await setup.WaitUntilAsync(
            "select count(*) = 2 from inbox.message where workspace_id = $1 and author = 'assistant' and turn_state = 'answered'",
            workspace.Id
        );
        await setup.WaitUntilAsync("select not exists (select from kernel.job where kind = 'inbox.answer')");
    }

    private TenetProcess Node(TestHost setup, params string[] loopback)
    {
        var node = new TenetProcess(setup.AdminConnectionString, cluster.MasterKeyFile, loopback);
        node.Environment["LeaveNotice"] = "00:00:01";
        node.Environment["VisitorLimits__MessagesPerVisitor"] = "1000000";
        node.Environment["VisitorLimits__MessagesPerWorkspace"] = "1000000";
        node.Environment["RateLimits__Widget__PerIp"] = "1000000";
        node.Environment["RateLimits__Widget__PerWorkspace"] = "1000000";
        node.Environment["RateLimits__Open__PerIp"] = "1000000";
        return node;
    }

    private sealed class Balancer : IDisposable
    {
        private readonly HttpClient _client = new();
        private readonly Timer _checks;
        private readonly Uri[] _nodes;
        private readonly ConcurrentDictionary<Uri, bool> _ready = new();
        private int _answered;
        private int _next;

        public Balancer(string token, params Uri[] nodes)
        {
            _nodes = nodes;
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            _client.DefaultRequestHeaders.ConnectionClose = true;
            foreach (var node in nodes)
            {
                _ready[node] = true;
            }
            _checks = new Timer(_ => Array.ForEach(nodes, node => _ = CheckAsync(node)), null, 0, 100);
        }

        public ConcurrentQueue<string> Dropped { get; } = [];
        public int Answered => _answered;

        public async Task PostAsync<T>(string path, T body)
        {
            var node = Array.FindAll(_nodes, node => _ready[node]) is { Length: > 0 } ready ? ready[_next++ % ready.Length] : _nodes[0];
            try
            {
                using var answer = await _client.PostAsJsonAsync(new Uri(node, path), body);
                if (answer.StatusCode is not HttpStatusCode.Accepted and not HttpStatusCode.OK and not HttpStatusCode.Created)
                {
                    Dropped.Enqueue($"{node.Port} {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                    return;
                }
                Interlocked.Increment(ref _answered);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                Dropped.Enqueue($"{node.Port} {e.Message} {e.InnerException?.Message}");
            }
        }

        /// <summary>Until so many more were answered.</summary>
        public async Task AnsweredAsync(int more, CancellationToken ct)
        {
            var until = _answered + more;
            await Eventually.HoldsAsync(() => _answered >= until, "requests are answered", ct);
        }

        public Task SeesAsync(Uri node, CancellationToken ct) => Eventually.HoldsAsync(() => _ready[node], "the node is ready", ct);

        private async Task CheckAsync(Uri node)
        {
            try
            {
                using var answer = await _client.GetAsync(new Uri(node, "/health/ready"));
                _ready[node] = answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                _ready[node] = false;
            }
        }

        public void Dispose()
        {
            _checks.Dispose();
            _client.Dispose();
        }
    }
}
