using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Events;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Kernel.Audit;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

/// <summary>A PostgreSQL of the test's own is stopped, started, made read-only and made slow under a running host.</summary>
public sealed class DatabaseOutageTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_to_the_database_shows_as_a_clear_state_and_passes_without_help()
    {
        var folder = Directory.CreateTempSubdirectory("tenet-outage-");
        // The server runs as another user when the tests run as root; it must be able to pass through.
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        var cluster = await StartAsync(folder);
        try
        {
            await using var host = await TestHost.StartAsync(
                cluster.AdminConnectionString,
                Path.Combine(folder.FullName, "keys", "master.key"),
                null
            );
            var workspace = await host.OpenWorkspaceAsync();
            using var owner = await host.SignInAsync(workspace, "owner");
            (await AddAsync(owner, "before")).StatusCode.ShouldBe(HttpStatusCode.Created);

            await cluster.DisposeAsync();
            await GoneAsync(host, owner);

            cluster = await StartAsync(folder);
            await BackAsync(owner);
            // The test's own connections broke, too.
            NpgsqlConnection.ClearPool(new NpgsqlConnection(host.AdminConnectionString));
            (await AddAsync(owner, "after a restart")).StatusCode.ShouldBe(HttpStatusCode.Created);
            await BackgroundWorksAsync(host, workspace);

            await ReadOnlyAsync(host, workspace, owner);
            await SlowAsync(host, owner);
            (await AddAsync(owner, "at the end")).StatusCode.ShouldBe(HttpStatusCode.Created);
        }
        finally
        {
            await cluster.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    private async Task GoneAsync(TestHost host, HttpClient owner)
    {
        using var answer = await AddAsync(owner, "while it is gone");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        using var prober = host.Client();
        (await prober.GetAsync("/health/live", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await prober.GetAsync("/health/ready", _ct)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        using var page = new HttpRequestMessage(HttpMethod.Get, "/members") { Headers = { { "Accept", "text/html" } } };
        using var shown = await owner.SendAsync(page, _ct);
        shown.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        shown.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
    }

    private async Task BackAsync(HttpClient owner)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if ((await owner.GetAsync("/health/ready", _ct)).IsSuccessStatusCode)
            {
                break;
            }
            await Task.Delay(100, _ct);
        }
        // Connections from before, which the pool still holds, may fail once each.
        for (var tries = 0; tries < 50; tries++)
        {
            if ((await owner.GetAsync("/api/members", _ct)).IsSuccessStatusCode)
            {
                return;
            }
        }
        throw new TimeoutException("The host did not recover.");
    }

    /// <summary>Events are relayed and jobs are run again.</summary>
    private async Task BackgroundWorksAsync(TestHost host, Workspace workspace)
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = host
            .Services.GetRequiredService<EventHub>()
            .Subscribe(
                workspace.Id,
                item =>
                {
                    if (item.Topic.Equals("test.outage", StringComparison.Ordinal))
                    {
                        heard.TrySetResult();
                    }
                }
            );
        await host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            ctx =>
            {
                ctx.Publish("test.outage", Guid.CreateVersion7());
                ctx.Enqueue(Tenet.Kernel.Http.Once.ForgetAnswers.Kind, ctx.WorkspaceId);
                return Task.CompletedTask;
            },
            _ct
        );
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), _ct);
        await host.WaitUntilAsync(
            "select not exists (select from kernel.job where workspace_id = $1 and kind = 'http.forget_answers')",
            workspace.Id
        );
    }

    private async Task ReadOnlyAsync(TestHost host, Workspace workspace, HttpClient owner)
    {
        var sequencer = await HeldSequencer.HoldAsync(host, workspace.Id, _ct);
        (await AddAsync(owner, "right before it is read-only")).StatusCode.ShouldBe(HttpStatusCode.Created);
        var waiting = await HeldSequencer.WaitingAsync(host, workspace.Id);
        waiting.ShouldBeGreaterThan(0);
        var name = new NpgsqlConnectionStringBuilder(host.AdminConnectionString).Database;
        await AsAdminAsync(host, $"alter database {name} set default_transaction_read_only = on");
        await AsAdminAsync(host, Disconnect);
        using var refused = await UntilAsync(
            () => AddAsync(owner, "while it is read-only"),
            answer => answer.Headers.RetryAfter?.Delta > TimeSpan.FromSeconds(20)
        );
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain("no changes");
        (await owner.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        // A connection that was cut off may be asked first.
        await Eventually.HoldsAsync(
            async () =>
            {
                using var ready = await owner.GetAsync("/health/ready", _ct);
                ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
                return (await ready.Content.ReadAsStringAsync(_ct)).Contains("read-only", StringComparison.Ordinal);
            },
            "it says that the database is read-only",
            _ct
        );
        await sequencer.DisposeAsync();
        (await HeldSequencer.WaitingAsync(host, workspace.Id)).ShouldBe(waiting);

        await AsAdminAsync(host, $"alter database {name} reset default_transaction_read_only");
        await AsAdminAsync(host, Disconnect);
        await BackAsync(owner);
        await HeldSequencer.GoesOnAsync(host, host.Services.GetRequiredService<VerifyAudit>(), workspace.Id, _ct);
    }

    private const string Disconnect =
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename in ('tenet_app', 'tenet_system')";

    /// <summary>Whatever the database's own setting says, the administrator may write.</summary>
    private async Task AsAdminAsync(TestHost host, string sql)
    {
        var settings = new NpgsqlConnectionStringBuilder(host.AdminConnectionString)
        {
            Pooling = false,
            Options = "-c default_transaction_read_only=off",
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(_ct);
    }

    /// <summary>A table that somebody holds: what needs it waits and is told so; what does not is served.</summary>
    private async Task SlowAsync(TestHost host, HttpClient owner)
    {
        await using var holder = new NpgsqlConnection(host.AdminConnectionString);
        await holder.OpenAsync(_ct);
        await using var transaction = await holder.BeginTransactionAsync(_ct);
        await using (var hold = new NpgsqlCommand("lock table knowledge.question_answer", holder, transaction))
        {
            await hold.ExecuteNonQueryAsync(_ct);
        }
        var waiting = Enumerable.Range(0, 10).Select(n => AddAsync(owner, $"while it is slow {n}")).ToList();
        (await owner.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await transaction.RollbackAsync(_ct);
        (await Task.WhenAll(waiting)).ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Created);
    }

    private static Task<PrivateCluster> StartAsync(DirectoryInfo folder) =>
        PrivateCluster.StartAsync(new PrivateClusterOptions(folder.FullName) { Durable = false }, CancellationToken.None);

    private async Task<HttpResponseMessage> UntilAsync(Func<Task<HttpResponseMessage>> ask, Func<HttpResponseMessage, bool> right)
    {
        var answer = await ask();
        for (var tries = 0; tries < 50 && !right(answer); tries++)
        {
            answer = await ask();
        }
        return answer;
    }

    private Task<HttpResponseMessage> AddAsync(HttpClient owner, string question) =>
        owner.PostAsJsonAsync("/api/knowledge/answers", new { question, answer = "Yes." }, _ct);
}
