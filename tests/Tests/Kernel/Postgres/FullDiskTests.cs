using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Doctoring;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Telemetry;
using Tenet.Tests.Kernel.Audit;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Postgres;

/// <summary>Disks of a few megabytes, which only root may mount: elsewhere these tests are skipped and say so.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-full-");
    private string _mounted = "";

    private string Filler => Path.Combine(_mounted, "filler");

    [Fact]
    public async Task A_full_disk_of_the_database_is_a_clear_state_and_passes_when_there_is_room()
    {
        // The tables lie on the small disk, the server's log of changes does not: it goes on, and refuses what it cannot store.
        var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions(_folder.FullName) { Durable = false }, _ct);
        try
        {
            var tables = Directory.CreateDirectory(Path.Combine(_mounted, "tables")).FullName;
            (await RunAsync("chown", "--reference", Path.Combine(_folder.FullName, "postgres", "data"), tables)).ShouldBeTrue();
            await AsAdminAsync(cluster, $"create tablespace small location '{tables}'");
            await AsAdminAsync(cluster, "create database small tablespace small");
            var database = new NpgsqlConnectionStringBuilder(cluster.AdminConnectionString) { Database = "small" }.ConnectionString;
            await using var host = await TestHost.StartAsync(database, Path.Combine(_folder.FullName, "keys", "master.key"), null);
            var workspace = await host.OpenWorkspaceAsync();
            using var owner = await host.SignInAsync(workspace, "owner");
            (await AddAsync(owner)).StatusCode.ShouldBe(HttpStatusCode.Created);

            var sequencer = await HeldSequencer.HoldAsync(host, workspace.Id, _ct);
            Fill();
            using var refused = await UntilRefusedAsync(owner);
            (await HeldSequencer.WaitingAsync(host, workspace.Id)).ShouldBeGreaterThan(0);
            await sequencer.DisposeAsync();

            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Headers.RetryAfter.ShouldNotBeNull().Delta.ShouldBe(TimeSpan.FromSeconds(30));
            (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain("disk is full");
            using var ready = await owner.GetAsync("/health/ready", _ct);
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            ready.Headers.RetryAfter.ShouldNotBeNull();
            (await ready.Content.ReadAsStringAsync(_ct)).ShouldContain("disk is full");
            (await owner.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await ExamineAsync(host)).Verdict.ShouldBe(Verdict.Red);

            File.Delete(Filler);
            await Eventually.HoldsAsync(
                async () => (await owner.GetAsync("/health/ready", _ct)).IsSuccessStatusCode,
                "it is ready again",
                _ct
            );
            (await AddAsync(owner)).StatusCode.ShouldBe(HttpStatusCode.Created);
            (await ExamineAsync(host)).Verdict.ShouldBe(Verdict.Green);
            await HeldSequencer.GoesOnAsync(host, host.Services.GetRequiredService<VerifyAudit>(), workspace.Id, _ct);
        }
        finally
        {
            await cluster.DisposeAsync();
        }
    }

    [Fact]
    public void Log_lines_that_the_disk_cannot_take_are_lost_and_later_ones_are_written()
    {
        var time = new ShiftedTime();
        var options = new TelemetryOptions { LogFolder = Path.Combine(_mounted, "logs") };
        using var logs = new LogFolder(options, time);
        logs.Write("before").ShouldBeTrue();
        logs.Flush();
        Fill();

        var line = new string('x', 100_000);
        Enumerable.Range(0, 3).Select(_ => logs.Write(line)).ShouldContain(false);
        logs.Flush();
        File.Delete(Filler);
        time.Advance(TimeSpan.FromMinutes(1));

        logs.Write("after").ShouldBeTrue();
        logs.Flush();
        Directory.EnumerateFiles(options.LogFolder).SelectMany(File.ReadLines).ShouldContain("after");
    }

    [Fact]
    public async Task A_checkpoint_that_finds_no_room_is_refused_whole_and_written_later()
    {
        var store = new FolderCheckpoints(Path.Combine(_mounted, "audit"));
        var workspace = Guid.CreateVersion7();
        var note = new string('n', 8000);
        await store.AddAsync(workspace, 1, note, _ct);
        Fill();

        (await Should.ThrowAsync<CheckpointStoreException>(() => store.AddAsync(workspace, 2, note, _ct))).Message.ShouldContain(
            "has room"
        );
        File.Delete(Filler);

        (await store.ListAsync(workspace, _ct).CountAsync(_ct)).ShouldBe(1);
        (await store.AddAsync(workspace, 2, note, _ct)).ShouldBeNull();
        (await store.LatestAsync(workspace, _ct)).ShouldBe(note);
        (await store.ListAsync(workspace, _ct).CountAsync(_ct)).ShouldBe(2);
    }

    public async ValueTask InitializeAsync()
    {
        // The server runs as another user when the tests run as root; it must be able to pass through.
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        var place = Directory.CreateDirectory(Path.Combine(_folder.FullName, "small")).FullName;
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess && await RunAsync("mount", "-t", "tmpfs", "-o", "size=96m,mode=0777", "tmpfs", place),
            "Only root may mount a small disk."
        );
        _mounted = place;
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounted.Length > 0)
        {
            await RunAsync("umount", "--lazy", _mounted);
        }
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private async Task<HttpResponseMessage> UntilRefusedAsync(HttpClient owner)
    {
        for (var tries = 0; tries < 500; tries++)
        {
            var answer = await AddAsync(owner);
            if (!answer.IsSuccessStatusCode)
            {
                return answer;
            }
            answer.Dispose();
        }
        throw new TimeoutException("The disk takes more than it should.");
    }

    private Task<HttpResponseMessage> AddAsync(HttpClient owner) =>
        owner.PostAsJsonAsync(
            "/api/knowledge/answers",
            new
            {
                question = $"{Guid.CreateVersion7()}?",
                answer = string.Join(' ', Enumerable.Range(0, 300).Select(n => n.ToString("x8", CultureInfo.InvariantCulture))),
            },
            _ct
        );

    private async Task<Finding> ExamineAsync(TestHost host)
    {
        var doctor = host.Services.GetRequiredService<Doctor>();
        return await doctor
            .ExamineAsync(new Installed(_folder.FullName, null, null), _ct)
            .FirstAsync(finding => finding.Check == "postgres.disk", _ct);
    }

    private async Task AsAdminAsync(PrivateCluster cluster, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.AdminConnectionString + ";Pooling=false");
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(_ct);
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }
        )!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
