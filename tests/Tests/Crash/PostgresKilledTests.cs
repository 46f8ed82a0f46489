using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Crash;

/// <summary>PostgreSQL's postmaster is killed under a working host: as often as <see cref="Nightly"/> says.</summary>
[Collection("processes")]
public sealed class PostgresKilledTests(TestCluster cluster)
{
    private const string Kind = "test.store";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_before_PostgreSQL_was_killed_is_stored_and_done_and_the_host_goes_on_by_itself()
    {
        var folder = Directory.CreateTempSubdirectory("tenet-killed-");
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        var postgres = await PrivateCluster.StartAsync(new PrivateClusterOptions(folder.FullName), _ct);
        try
        {
            await using var app = await KernelApp.StartAsync(
                cluster,
                postgres.AdminConnectionString,
                services => services.AddJob<Store>(Kind, maxAttempts: 1000),
                options: kernel => kernel with { Jobs = new JobOptions { Lease = TimeSpan.FromSeconds(2) } }
            );
            var workspace = await app.OpenWorkspaceAsync();
            var acknowledged = new ConcurrentBag<Guid>();
            for (var kill = 0; kill < Nightly.PostgresKills; kill++)
            {
                using var ending = new CancellationTokenSource();
                var callers = Enumerable.Range(0, 4).Select(_ => CallAsync(app, workspace, acknowledged, ending.Token)).ToList();
                var before = acknowledged.Count;
                await Eventually.HoldsAsync(() => acknowledged.Count > before + 20, "calls are acknowledged", _ct);
                await Task.Delay(Secrets.Below(300), _ct);

                await KillAsync(folder);
                await postgres.DisposeAsync();
                postgres = await PrivateCluster.StartAsync(new PrivateClusterOptions(folder.FullName), _ct);

                before = acknowledged.Count;
                await Eventually.HoldsAsync(() => acknowledged.Count > before + 20, "calls are acknowledged again", _ct);
                await ending.CancelAsync();
                await Task.WhenAll(callers);
            }

            await Eventually.HoldsAsync(async () => await CountAsync("kernel.job") == 0, "all jobs are done", _ct);
            var stored = await app.Door.RunAsync(
                workspace.Id,
                Actor.System,
                ctx => ctx.ListAsync($"select subject_id from kernel.schedule where kind = 'test.never'", row => row.GetGuid(0), _ct),
                _ct
            );
            acknowledged.Except(stored).ShouldBeEmpty();
            // A call that was cut off may have been stored or not; the handlers have run for each that was, and only once in effect.
            (await CountAsync("kernel.event where topic = 'test.asked'")).ShouldBe(stored.Count);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{Nightly.PostgresKills} kills, {acknowledged.Count} acknowledged, {stored.Count} stored"
            );
        }
        finally
        {
            await postgres.DisposeAsync();
            folder.Delete(recursive: true);
        }

        async Task<long> CountAsync(string from)
        {
            await using var connection = new NpgsqlConnection(postgres.AdminConnectionString + ";Pooling=false");
            await connection.OpenAsync(_ct);
            await using var command = new NpgsqlCommand("select count(*) from " + from, connection);
            return (long)(await command.ExecuteScalarAsync(_ct))!;
        }
    }

    private static async Task CallAsync(KernelApp app, Workspace workspace, ConcurrentBag<Guid> acknowledged, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            var subject = Guid.CreateVersion7();
            try
            {
                await app.Door.BatchAsync(
                    workspace.Id,
                    Actor.System,
                    batch =>
                    {
                        batch.Enqueue(Kind, subject);
                        batch.Publish("test.asked", subject);
                    },
                    CancellationToken.None
                );
                acknowledged.Add(subject);
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
            {
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private static async Task KillAsync(DirectoryInfo folder)
    {
        var pid = (await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "postgres", "data", "postmaster.pid")))[0];
        using var postmaster = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
        postmaster.Kill();
        await postmaster.WaitForExitAsync();
    }

    private sealed class Store(WorkspaceScope door) : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct) =>
            door.BatchAsync(
                job.WorkspaceId,
                Actor.System,
                batch =>
                    batch.Add(
                        $"""
                        insert into kernel.schedule (kind, subject_id, every, next_at)
                        values ('test.never', {job.SubjectId}, interval '1 year', now() + interval '1 year')
                        on conflict do nothing
                        """
                    ),
                ct
            );
    }
}
