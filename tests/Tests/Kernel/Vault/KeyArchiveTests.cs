using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

public sealed class KeyArchiveTests(TestCluster cluster) : IDisposable
{
    private static readonly SealedPlace Place = new("lab.thing", "secret", Guid.Parse("0197f000-0000-7000-8000-000000000001"));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-archive-");
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly Guid _mira = Guid.CreateVersion7();
    private readonly Guid _noor = Guid.CreateVersion7();
    private string _database = "";

    private string Archive => Path.Combine(_folder.FullName, "keys.jsonl");

    [Fact]
    public async Task Data_restored_without_keys_is_opened_by_the_archive_of_the_keys()
    {
        var (workspace, values) = await ExportedAsync();
        (await File.ReadAllLinesAsync(Archive, _ct)).Length.ShouldBe(6);
        File.GetUnixFileMode(Archive).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await LoseKeysAsync();
        (await Should.ThrowAsync<MasterKeyException>(() => StartAsync())).Message.ShouldContain("tenet keys import");

        (await ImportAsync()).ShouldBe((3, 0));

        await using var host = await StartAsync();
        (await OpenAsync(host, workspace, values[0])).ShouldBe("of the shop");
        (await OpenAsync(host, workspace, values[1])).ShouldBe("of Mira");
        (await ImportAsync()).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_key_destroyed_since_the_archive_was_made_stays_destroyed()
    {
        var (workspace, values) = await ExportedAsync();
        await using (var host = await StartAsync())
        {
            var vault = host.Services.GetRequiredService<WorkspaceVault>();
            await host.Door.RunAsync(workspace, Actor.System, ctx => vault.ShredAsync(ctx, _mira, _ct), _ct);
        }

        await ImportAsync();

        await using var after = await StartAsync();
        (await Should.ThrowAsync<SealException>(() => OpenAsync(after, workspace, values[1]))).Failure.ShouldBe(SealFailure.KeyDestroyed);
    }

    [Fact]
    public async Task What_a_newer_archive_knows_as_destroyed_is_destroyed_in_an_older_database()
    {
        var (workspace, values) = await ExportedAsync();
        await using (var host = await StartAsync())
        {
            var vault = host.Services.GetRequiredService<WorkspaceVault>();
            var wrapped = await host.AsOwnerAsync<byte[]>("select wrapped from vault.subject_key where id = $1", _mira);
            await host.Door.RunAsync(workspace, Actor.System, ctx => vault.ShredAsync(ctx, _mira, _ct), _ct);
            await host.Services.GetRequiredService<KeyArchive>().ExportAsync(Archive, _ct);
            await host.AsOwnerAsync<object>(
                "update vault.subject_key set wrapped = $1, destroyed_at = null where id = $2",
                wrapped!,
                _mira
            );
            (await OpenAsync(host, workspace, values[1])).ShouldBe("of Mira");
        }

        await ImportAsync();

        await using var after = await StartAsync();
        (await Should.ThrowAsync<SealException>(() => OpenAsync(after, workspace, values[1]))).Failure.ShouldBe(SealFailure.KeyDestroyed);
        (await OpenAsync(after, workspace, values[2])).ShouldBe("of Noor");
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("a line less")]
    [InlineData("a key without bytes")]
    [InlineData("no JSON")]
    [InlineData("another format")]
    public async Task An_archive_that_is_not_whole_is_refused_and_nothing_imported(string damage)
    {
        await ExportedAsync();
        var lines = (await File.ReadAllLinesAsync(Archive, _ct)).ToList();
        switch (damage)
        {
            case "cut off":
                lines.RemoveAt(lines.Count - 1);
                break;
            case "a line less":
                lines.RemoveAt(2);
                break;
            case "a key without bytes":
                lines[2] = lines[2].Replace("wrapped", "unwrapped", StringComparison.Ordinal);
                break;
            case "no JSON":
                lines[3] = lines[3][..20];
                break;
            default:
                lines[0] = """{"format":"tenet-keys/9"}""";
                break;
        }
        await File.WriteAllLinesAsync(Archive, lines, _ct);
        await LoseKeysAsync();

        (await Should.ThrowAsync<MasterKeyException>(ImportAsync)).Message.ShouldContain("Nothing was imported");
        (await ScalarAsync<long>("select count(*) from vault.root_key")).ShouldBe(0);
    }

    [Fact]
    public async Task Another_installations_archive_is_refused()
    {
        await ExportedAsync();
        var lines = await File.ReadAllLinesAsync(Archive, _ct);
        var other = KeyRing.ForTests(MasterKey.FromHex(new string('c', 64), "test"));
        var foreign = await other.Master.WrapAsync(1, other.Current.ToArray(), _ct);
        lines[1] = $$"""{"root":1,"master":"{{foreign.Master}}","wrapped":"{{Convert.ToBase64String(foreign.Bytes)}}"}""";
        await File.WriteAllLinesAsync(Archive, lines, _ct);
        await LoseKeysAsync();

        (await Should.ThrowAsync<MasterKeyException>(ImportAsync)).Message.ShouldContain(foreign.Master);
        (await ScalarAsync<long>("select count(*) from vault.root_key")).ShouldBe(0);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<(Guid Workspace, byte[][] Values)> ExportedAsync()
    {
        _database = await cluster.CreateDatabaseAsync();
        await using var host = await StartAsync();
        var workspace = (await host.OpenWorkspaceAsync()).Id;
        var vault = host.Services.GetRequiredService<WorkspaceVault>();
        var values = await host.Door.RunAsync(
            workspace,
            Actor.System,
            async ctx =>
                new[]
                {
                    await vault.SealAsync(ctx, Place, "of the shop", _ct),
                    await vault.SealForAsync(ctx, _mira, Place, "of Mira", _ct),
                    await vault.SealForAsync(ctx, _noor, Place, "of Noor", _ct),
                },
            _ct
        );
        (await host.Services.GetRequiredService<KeyArchive>().ExportAsync(Archive, _ct)).ShouldBe(4);
        return (workspace, values);
    }

    private Task<TestHost> StartAsync() => TestHost.StartAsync(_database, cluster.MasterKeyFile, null, background: false);

    // As a restore of a dump that left out the data of the schema vault.
    private Task LoseKeysAsync() =>
        ScalarAsync<object>("with a as (delete from vault.root_key), b as (delete from vault.subject_key) delete from vault.workspace_key");

    private async Task<(int Added, int LeftOut)> ImportAsync()
    {
        var options = new TenetOptions(_folder.FullName, _database)
        {
            MasterKey = new MasterKeyOptions(cluster.MasterKeyFile),
            Background = false,
        };
        await using var app = TenetHost.Build([], options);
        var archive = app.Services.GetRequiredService<KeyArchive>();
        await archive.ImportRootsAsync(Archive, _ct);
        await app.Services.PrepareAsync(_ct);
        return await archive.ImportAsync(Archive, _ct);
    }

    private Task<string> OpenAsync(TestHost host, Guid workspace, byte[] value) =>
        host.Door.RunAsync(
            workspace,
            Actor.System,
            ctx => host.Services.GetRequiredService<WorkspaceVault>().OpenAsync(ctx, Place, value, _ct),
            _ct
        );

    private async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(_database + ";Pooling=false");
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(_ct) is T value ? value : default;
    }
}
