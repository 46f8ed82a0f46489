using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Benchmarks;

/// <summary>
/// A full queue drained by handlers that do nothing, and the time from a job's enqueueing to its handler, beside graphile-worker and pg-boss
/// on the same durable PostgreSQL, one after the other.
/// </summary>
internal static class QueueBenchmark
{
    private const int Jobs = 200_000;
    private const int Pings = 500;
    private const int Rounds = 3;

    public static async Task RunAsync(CancellationToken ct)
    {
        Report.Heading("Queue");
        var folder = Directory.CreateTempSubdirectory("tenet-queue-");
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        try
        {
            await using var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions(folder.FullName), ct);
            var postmaster = int.Parse(
                File.ReadLines(Path.Combine(folder.FullName, "postgres", "data", "postmaster.pid")).First(),
                CultureInfo.InvariantCulture
            );
            var rows = new List<string[]>
            {
                new[] { "queue", "round", "jobs/s", "CPU s", "PostgreSQL CPU s", "latency p50 ms", "latency p95 ms" },
            };
            var best = new Dictionary<string, double>(StringComparer.Ordinal);
            for (var round = 1; round <= Rounds; round++)
            {
                await AddAsync("Tenet", Jobs, count => DrainAsync(cluster.AdminConnectionString, folder.FullName, count, ct));
                var url = PeerAddress(cluster.AdminConnectionString);
                await AddAsync("graphile-worker, batched", Jobs, count => PeerAsync("graphile-worker.mjs", url, "batched", $"{count}"));
                await AddAsync("graphile-worker", Jobs / 10, count => PeerAsync("graphile-worker.mjs", url, "plain", $"{count}"));
                await AddAsync("pg-boss, batches of 500", Jobs / 4, count => PeerAsync("pg-boss.mjs", url, $"{count}"));

                async Task AddAsync(string name, int count, Func<int, Task<Drained>> drain)
                {
                    Report.Doing($"draining {count} jobs: {name}");
                    var before = ProcessTree.CpuSeconds(postmaster);
                    var drained = await drain(count);
                    best[name] = Math.Max(best.GetValueOrDefault(name), count / drained.Seconds);
                    rows.Add([
                        name,
                        $"{round}",
                        Report.Number(count / drained.Seconds),
                        Report.Number(drained.Cpu),
                        Report.Number(ProcessTree.CpuSeconds(postmaster) - before),
                        Report.Number(drained.P50),
                        Report.Number(drained.P95),
                    ]);
                }
            }
            Report.Line(
                $"{Jobs:N0} jobs (graphile-worker without batches {Jobs / 10:N0}, pg-boss {Jobs / 4:N0}), handlers run, ends written durably; {Peer.VersionOf("graphile-worker")}, {Peer.VersionOf("pg-boss")}. PostgreSQL's time includes filling the queue.\n"
            );
            Report.Table(rows);
            Report.Line(
                $"Best against best: {best["Tenet"] / best["graphile-worker, batched"]:0.00} times graphile-worker batched. Goal: 2."
            );

            async Task<Drained> PeerAsync(string script, params string[] arguments)
            {
                var result = await Peer.RunAsync(script, ct, arguments);
                double Of(string name) => result.GetProperty(name).GetDouble();
                return new Drained(Of("seconds"), Of("cpu"), Of("p50"), Of("p95"));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Drained> DrainAsync(string database, string folder, int count, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var handled = new Handled();
        builder.Services.AddKernel(
            new KernelOptions(
                new DatabaseOptions(database),
                MasterKey.FromFile(Path.Combine(folder, "keys", "master.key"), create: true),
                new AuditOptions(Path.Combine(folder, "audit"))
            )
        );
        builder.Services.AddSingleton(handled).AddJob<Count>("bench.count").AddJob<Ping>("bench.ping");
        builder.Services.AddAuthentication();
        await using var app = builder.Build();
        await app.Services.GetRequiredService<Migrator>().MigrateAsync(ct);
        var workspace = await app
            .Services.GetRequiredService<WorkspaceDirectory>()
            .OpenAsync("Bench", "q-" + Secrets.Token(9).ToLowerInvariant().Replace('_', 'x'), "en", ct);
        var door = app.Services.GetRequiredService<WorkspaceScope>();
        await door.BatchAsync(
            workspace.Id,
            Actor.System,
            batch =>
                batch.Add(
                    $"""
                    insert into kernel.job (id, kind, subject_id)
                    select gen_random_uuid(), {"bench.count"}, {workspace.Id} from generate_series(1, {count})
                    """
                ),
            ct
        );
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(ct);
        await using (var vacuum = new NpgsqlCommand("vacuum analyze kernel.job", connection))
            await vacuum.ExecuteNonQueryAsync(ct);

        handled.Begin(count);
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await app.StartAsync(ct);
        await handled.All.Task.WaitAsync(ct);
        await using (var left = new NpgsqlCommand("select exists (select from kernel.job where dead_at is null)", connection))
            while (await left.ExecuteScalarAsync(ct) is true) { }
        var (seconds, spent) = (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);

        var times = new List<double>(Pings);
        for (var n = 0; n < Pings; n++)
        {
            handled.Begin(1);
            var began = Stopwatch.GetTimestamp();
            await door.BatchAsync(workspace.Id, Actor.System, batch => batch.Enqueue("bench.ping", workspace.Id), ct);
            await handled.All.Task.WaitAsync(ct);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        await app.StopAsync(ct);
        var sorted = new Times(times);
        return new Drained(seconds, spent, sorted.At(0.5), sorted.At(0.95));
    }

    private static string PeerAddress(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        string Escaped(string? text) => Uri.EscapeDataString(text ?? "");
        return $"postgres://{Escaped(settings.Username)}:{Escaped(settings.Password)}@/{settings.Database}?host={Escaped(settings.Host)}&port={settings.Port}";
    }

    private sealed record Drained(double Seconds, double Cpu, double P50, double P95);

    private sealed class Handled
    {
        private int _left;

        public TaskCompletionSource All { get; private set; } = new();

        public void Begin(int count) =>
            (All, _left) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), count);

        public void One()
        {
            if (Interlocked.Decrement(ref _left) == 0)
                All.SetResult();
        }
    }

    private sealed class Count(Handled handled) : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct)
        {
            handled.One();
            return Task.CompletedTask;
        }
    }

    private sealed class Ping(Handled handled) : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct)
        {
            handled.One();
            return Task.CompletedTask;
        }
    }
}
