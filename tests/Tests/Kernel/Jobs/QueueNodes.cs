using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Tenet.Kernel;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;

namespace Tenet.Tests.Kernel.Jobs;

/// <summary>Nodes on one database whose jobs do what a test says.</summary>
internal sealed class QueueNodes(TestCluster cluster, string database) : IAsyncDisposable
{
    public const string Kind = "test.work";
    private readonly List<KernelApp> _nodes = [];

    public ConcurrentQueue<JobRun> Runs { get; } = [];
    public Func<JobRun, CancellationToken, Task> Do { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<QueueNodes> OnNewDatabaseAsync(TestCluster cluster) => new(cluster, await cluster.CreateDatabaseAsync());

    /// <param name="works">False for a node that only has the database's schema.</param>
    public async Task<KernelApp> StartAsync(JobOptions? options = null, TimeProvider? time = null, bool works = true)
    {
        var node = await KernelApp.StartAsync(
            cluster,
            database,
            services => services.AddSingleton(time ?? TimeProvider.System).AddSingleton(this).AddJob<Told>(Kind, maxAttempts: 3),
            options: kernel =>
                kernel with
                {
                    Jobs = options ?? new JobOptions { Poll = TimeSpan.FromMilliseconds(100), Drain = TimeSpan.FromSeconds(1) },
                    Background = works,
                }
        );
        _nodes.Add(node);
        return node;
    }

    /// <summary>Many jobs of a workspace at once, all due.</summary>
    public Task EnqueueAsync(KernelApp node, Workspace workspace, int count) =>
        node.Door.BatchAsync(
            workspace.Id,
            Actor.System,
            batch =>
                batch.Add(
                    $"""
                    insert into kernel.job (id, kind, subject_id, run_at)
                    select gen_random_uuid(), {Kind}, {workspace.Id}, now() - interval '1 minute' from generate_series(1, {count})
                    """
                ),
            CancellationToken.None
        );

    public async Task<T?> AsOwnerAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private sealed class Told(QueueNodes nodes) : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct)
        {
            nodes.Runs.Enqueue(job);
            return nodes.Do(job, ct);
        }
    }
}
