using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Kernel.Vault;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Crash;

public sealed class KilledRotationTests(OwnCluster own) : IClassFixture<OwnCluster>, IDisposable
{
    private const int Persons = 3_000;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tenet-killed-");
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    private string KeyFile => Path.Combine(_data.FullName, "keys", "master.key");

    [Fact]
    public async Task Commands_killed_in_the_middle_of_a_rotation_lose_nothing_and_go_on()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyFile)!);
        File.Copy(own.Cluster.MasterKeyFile, KeyFile);
        var database = await own.Cluster.CreateDatabaseAsync();
        Workspace workspace;
        (Guid Person, byte[] Value)[] values;
        await using (var host = await StartAsync(database))
        {
            workspace = await host.OpenWorkspaceAsync();
            values = await SealAsync(host, workspace.Id);
        }
        await using (var looking = await StartAsync(database))
        {
            foreach (var (moved, of) in new[] { (1, 2), (1_200, 2), (2_400, 2) })
            {
                await KillWhenAsync(database, looking, ["keys", "rotate", "workspace", workspace.Slug], Moved(of), moved);
                (await OpensAsync(looking, workspace.Id, values)).ShouldBe(Persons);
            }
        }
        (await RunAsync(database, "keys", "rotate", "workspace", workspace.Slug)).ShouldContain("the older key was destroyed at");

        await using (var looking = await StartAsync(database))
        {
            await KillWhenAsync(database, looking, ["keys", "rotate", "master"], "select count(*) from vault.root_key", 2);
        }
        // The passwords of the roles are the new root key's by now, and the key file is still the old one.
        await using (var looking = await StartAsync(database))
        {
            (await OpensAsync(looking, workspace.Id, values)).ShouldBe(Persons);
        }
        (await RunAsync(database, "keys", "rotate", "master")).ShouldContain("The older root key was destroyed at");

        await using var after = await StartAsync(database);
        (await OpensAsync(after, workspace.Id, values)).ShouldBe(Persons);
        (await after.AsOwnerAsync<long>("select count(*) from vault.root_key where wrapped is not null")).ShouldBe(1);
        (await RunAsync(database, "keys", "verify")).ShouldContain("ok");
    }

    public void Dispose() => _data.Delete(recursive: true);

    private static string Moved(int version) => $"select count(*) from vault.subject_key where get_byte(wrapped, 4) = {version}";

    private Task<TestHost> StartAsync(string database) => TestHost.StartAsync(database, KeyFile, null, background: false);

    private Task<(Guid Person, byte[] Value)[]> SealAsync(TestHost host, Guid workspace) =>
        host.Door.RunAsync(
            workspace,
            Actor.System,
            async ctx =>
            {
                var vault = host.Services.GetRequiredService<WorkspaceVault>();
                var values = new (Guid, byte[])[Persons];
                for (var n = 0; n < values.Length; n++)
                {
                    var person = Guid.CreateVersion7();
                    values[n] = (person, await vault.SealForAsync(ctx, person, Place(person), $"of {person}", _ct));
                }
                return values;
            },
            _ct
        );

    private Task<int> OpensAsync(TestHost host, Guid workspace, (Guid Person, byte[] Value)[] values) =>
        host.Door.RunAsync(
            workspace,
            Actor.System,
            async ctx =>
            {
                var vault = host.Services.GetRequiredService<WorkspaceVault>();
                var count = 0;
                foreach (var (person, value) in values)
                {
                    count += await vault.OpenAsync(ctx, Place(person), value, _ct) == $"of {person}" ? 1 : 0;
                }
                return count;
            },
            _ct
        );

    private async Task KillWhenAsync(string database, TestHost looking, string[] command, string count, long reaches)
    {
        using var process = Start(database, command);
        while (!process.HasExited && await looking.AsOwnerAsync<long>(count) < reaches)
        {
            await Task.Delay(2, _ct);
        }
        process.Kill();
        await process.WaitForExitAsync(_ct);
    }

    private async Task<string> RunAsync(string database, params string[] command)
    {
        using var process = Start(database, command);
        var output = process.StandardOutput.ReadToEndAsync(_ct);
        var errors = process.StandardError.ReadToEndAsync(_ct);
        await process.WaitForExitAsync(_ct);
        process.ExitCode.ShouldBe(0, await errors);
        return await output;
    }

    private Process Start(string database, string[] command)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "tenet.dll"), .. command, "--data", _data.FullName]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ConnectionStrings__Tenet"] = database;
        return Process.Start(start)!;
    }

    private static SealedPlace Place(Guid row) => new("lab.thing", "secret", row);
}
