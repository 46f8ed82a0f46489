using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Once;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class IdempotencyKeyTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task The_same_request_with_the_same_key_acts_once_and_is_answered_the_same()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, "owner");

        using var first = await AddAsync(owner, "k-1", "When do you open?");
        using var second = await AddAsync(owner, "\"k-1\"", "When do you open?");

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        second.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await second.Content.ReadAsStringAsync(_ct)).ShouldBe(await first.Content.ReadAsStringAsync(_ct));
        second.Headers.Location.ShouldBe(first.Headers.Location);
        second.Content.Headers.ContentType.ShouldBe(first.Content.Headers.ContentType);
        first.Headers.Contains("Idempotency-Replayed").ShouldBeFalse();
        second.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        (await AnswersAsync(workspace)).ShouldBe(1);
    }

    [Fact]
    public async Task Twenty_at_once_act_once_and_all_get_the_answer()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, "owner");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AddAsync(owner, "at-once", "When?")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Created);
        var bodies = await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync(_ct)));
        bodies.Distinct(StringComparer.Ordinal).Count().ShouldBe(1);
        (await AnswersAsync(workspace)).ShouldBe(1);
    }

    [Fact]
    public async Task Two_nodes_act_once()
    {
        await using var other = await TestHost.StartAsync(_host.AdminConnectionString, cluster.MasterKeyFile, null, background: false);
        var workspace = await _host.OpenWorkspaceAsync();
        var member = await _host.JoinAsync(workspace, "owner");
        using var here = member.Client;
        using var there = other.Client();
        there.DefaultRequestHeaders.Add("Cookie", member.Cookie);

        for (var n = 0; n < 10; n++)
        {
            var answers = await Task.WhenAll(AddAsync(here, $"nodes-{n}", $"When {n}?"), AddAsync(there, $"nodes-{n}", $"When {n}?"));
            answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Created);
        }

        (await AnswersAsync(workspace)).ShouldBe(10);
    }

    [Fact]
    public async Task Another_request_with_the_same_key_is_refused()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, "owner");
        await AddAsync(owner, "k", "When?");

        using var answer = await AddAsync(owner, "k", "Where?");

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("title").GetString()!.ShouldContain("new key");
        (await AnswersAsync(workspace)).ShouldBe(1);
    }

    [Fact]
    public async Task Another_callers_same_key_is_another_key()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var one = await _host.SignInAsync(workspace, "owner");
        using var two = await _host.SignInAsync(workspace, "admin");
        var elsewhere = await _host.OpenWorkspaceAsync();
        using var three = await _host.SignInAsync(elsewhere, "owner");

        foreach (var caller in new[] { one, two, three })
        {
            using var answer = await AddAsync(caller, "shared", "When?");
            answer.Headers.Contains("Idempotency-Replayed").ShouldBeFalse();
        }

        (await AnswersAsync(workspace)).ShouldBe(2);
        (await AnswersAsync(elsewhere)).ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, "owner");

        (await AddAsync(owner, "k", "")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await AddAsync(owner, "k", "When?")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("two words")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        using var owner = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), "owner");
        (await AddAsync(owner, key, "When?")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await AddAsync(owner, new string('x', 201), "When?")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_visitors_message_and_a_search_take_keys_outside_the_door()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, "owner");
        for (var n = 0; n < 2; n++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/knowledge/search")
            {
                Content = JsonContent.Create(new { question = "returns" }),
                Headers = { { "Idempotency-Key", "search" } },
            };
            using var answer = await owner.SendAsync(request, _ct);
            answer.EnsureSuccessStatusCode();
            answer.Headers.Contains("Idempotency-Replayed").ShouldBe(n == 1);
        }
    }

    [Fact]
    public async Task What_is_kept_is_sealed_and_gone_after_a_day()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, "owner");
        await AddAsync(owner, "k", "A question of its own?");
        var kept = await _host.AsOwnerAsync<byte[]>("select answer from kernel.saved_answer where workspace_id = $1", workspace.Id);
        System.Text.Encoding.UTF8.GetString(kept!).ShouldNotContain("question of its own");

        await _host.AsOwnerAsync<int>("update kernel.saved_answer set expires_at = now() where workspace_id = $1", workspace.Id);
        await _host.AsOwnerAsync<int>(
            "update kernel.job set run_at = now() where workspace_id = $1 and kind = $2",
            workspace.Id,
            ForgetAnswers.Kind
        );
        await _host.WaitUntilAsync("select not exists (select from kernel.saved_answer where workspace_id = $1)", workspace.Id);

        (await AddAsync(owner, "k", "Another question?")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task While_the_first_runs_elsewhere_the_second_is_told_to_come_back()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, "owner");
        await AddAsync(owner, "k", "When?");
        // As another node's claim outside the door looks until it is answered.
        await _host.AsOwnerAsync<int>(
            "update kernel.saved_answer set status = null, answer = null, running_until = now() + interval '1 hour' where workspace_id = $1",
            workspace.Id
        );

        using var answer = await AddAsync(owner, "k", "When?");

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task What_fails_after_its_effect_leaves_neither_effect_nor_answer()
    {
        var fails = true;
        using var logs = new CapturedLogs();
        await using var app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            services => services.AddLogging(l => l.AddProvider(logs)),
            map: routes =>
                routes
                    .MapGroup("/api/things")
                    .InWorkspace(Access.Owner)
                    .MapPost(
                        "",
                        async (WorkspaceContext ctx) =>
                        {
                            await ctx.ExecuteAsync($"update kernel.workspace set name = name || '+'", CancellationToken.None);
                            return fails ? throw new InvalidOperationException("as a crash would") : TypedResults.Ok("done");
                        }
                    )
        );
        var workspace = await app.OpenWorkspaceAsync();
        using var owner = app.Client(workspace.Id);

        (await SendAsync(owner)).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        fails = false;
        var second = await SendAsync(owner);
        second.StatusCode.ShouldBe(HttpStatusCode.OK, string.Join("\n", logs.Lines));
        (await SendAsync(owner)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (
            await app.Door.RunAsync(
                workspace.Id,
                Actor.System,
                ctx => ctx.ScalarAsync<string>($"select name from kernel.workspace", _ct),
                _ct
            )
        ).ShouldBe("Test shop+");

        async Task<HttpResponseMessage> SendAsync(HttpClient client)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/things") { Headers = { { "Idempotency-Key", "k" } } };
            return await client.SendAsync(request, _ct);
        }
    }

    private async Task<HttpResponseMessage> AddAsync(HttpClient client, string key, string question)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/knowledge/answers")
        {
            Content = JsonContent.Create(new { question, answer = "Then." }),
        };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await client.SendAsync(request, _ct);
    }

    private Task<long> AnswersAsync(Workspace workspace) =>
        _host.AsOwnerAsync<long>("select count(*) from knowledge.question_answer where workspace_id = $1", workspace.Id);
}
