using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Events;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class HealthTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_whose_database_is_gone_says_so_stays_alive_and_goes_on_when_it_is_back()
    {
        var database = await cluster.CreateDatabaseAsync();
        var runs = new Runs();
        await using var app = await KernelApp.StartAsync(
            cluster,
            database,
            services => services.AddSingleton(runs).AddJob<Counted>("test.counted")
        );
        var workspace = await app.OpenWorkspaceAsync();
        var heard = new ConcurrentQueue<WorkspaceEvent>();
        app.Services.GetRequiredService<EventHub>().Subscribe(workspace.Id, heard.Enqueue);
        using var client = app.Client();
        (await client.GetAsync("/health/ready", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await AllowAsync(database, false);
        var gone = await client.GetAsync("/health/ready", _ct);
        gone.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        gone.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await client.GetAsync("/health/live", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        // Long enough for every loop of the node to have met the closed door.
        await Task.Delay(TimeSpan.FromSeconds(3), _ct);

        await AllowAsync(database, true);
        await Eventually.HoldsAsync(
            async () => (await client.GetAsync("/health/ready", _ct)).StatusCode == HttpStatusCode.OK,
            "the node is ready again",
            _ct
        );
        await Eventually.HoldsAsync(
            () => heard.Any(item => item.Topic.Equals(WorkspaceEvent.Resync, StringComparison.Ordinal)),
            "subscribers read again",
            _ct
        );
        await app.Door.BatchAsync(workspace.Id, Actor.System, batch => batch.Enqueue("test.counted", workspace.Id), _ct);
        await Eventually.HoldsAsync(() => runs.Subjects.Contains(workspace.Id), "jobs run again", _ct);
    }

    private async Task AllowAsync(string database, bool allow)
    {
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(database) { Database = "postgres", Pooling = false }.ConnectionString
        );
        await connection.OpenAsync(_ct);
        await using var change = new NpgsqlCommand(
            $"alter database {name} allow_connections {allow}; select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
            connection
        );
        await change.ExecuteNonQueryAsync(_ct);
    }

    private sealed class Runs
    {
        public ConcurrentBag<Guid> Subjects { get; } = [];
    }

    private sealed class Counted(Runs runs) : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct)
        {
            runs.Subjects.Add(job.SubjectId);
            return Task.CompletedTask;
        }
    }
}
