using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

/// <summary>Databases of the first version: the master key itself was the root, values stood in format 1, keys beside the data.</summary>
public sealed class OlderInstallationTests(TestCluster cluster) : IDisposable
{
    private static readonly SealedPlace Place = new("lab.thing", "secret", Guid.Parse("0197f000-0000-7000-8000-000000000001"));
    private static readonly SealedPlace KeyPlace = new("kernel.workspace_key", "wrapped", Guid.Empty);
    private static readonly SealedPlace CheckPlace = new("kernel.installation", "key_check", Guid.Empty);
    private readonly DirectoryInfo _schema = Directory.CreateTempSubdirectory("tenet-schema-");
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly Guid _workspace = Guid.CreateVersion7();

    [Fact]
    public async Task What_it_sealed_is_read_and_new_values_stand_beside_it()
    {
        var (database, value) = await OlderAsync();

        await using var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null, background: false);

        using var vault = new WorkspaceVault(KeyRing.ForTests(MasterKey.FromFile(cluster.MasterKeyFile, create: false)));
        (await host.Door.RunAsync(_workspace, Actor.System, ctx => vault.OpenAsync(ctx, Place, value, _ct), _ct)).ShouldBe("of old");
        var later = await host.Door.RunAsync(_workspace, Actor.System, ctx => vault.SealAsync(ctx, Place, "of now", _ct), _ct);
        later[0].ShouldBe(SealedHeader.Versioned);
        (await host.Door.RunAsync(_workspace, Actor.System, ctx => vault.OpenAsync(ctx, Place, later, _ct), _ct)).ShouldBe("of now");
    }

    [Fact]
    public async Task Its_root_key_is_recorded_with_the_schema_and_opens_at_the_next_start()
    {
        var (database, _) = await OlderAsync();
        await TestCluster.MigrateAsync(database, MasterKey.FromFile(cluster.MasterKeyFile, create: false));

        (await ScalarAsync<long>(database, "select count(*) from vault.root_key where version = 1 and wrapped is not null")).ShouldBe(1);
        (await TestCluster.MigrateAsync(database, MasterKey.FromFile(cluster.MasterKeyFile, create: false))).ShouldBe(0);
    }

    [Fact]
    public async Task Another_master_key_is_refused_before_the_upgrade()
    {
        var (database, _) = await OlderAsync();
        var other = MasterKey.FromHex(new string('b', MasterKey.Length * 2), "the test");

        var refused = await Should.ThrowAsync<MasterKeyException>(() => TestCluster.MigrateAsync(database, other));

        refused.Message.ShouldContain("Put the right key file back");
        (await ScalarAsync<bool>(database, "select to_regclass('vault.root_key') is null")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_lost_key_file_is_refused_and_no_new_one_is_made()
    {
        var (database, _) = await OlderAsync();
        var lost = Path.Combine(_schema.FullName, "lost.key");

        (
            await Should.ThrowAsync<MasterKeyException>(() => TestCluster.MigrateAsync(database, MasterKey.AtFile(lost)))
        ).Message.ShouldContain("is missing");
        File.Exists(lost).ShouldBeFalse();
        await TestCluster.MigrateAsync(database, MasterKey.FromFile(cluster.MasterKeyFile, create: false));
        await Should.ThrowAsync<MasterKeyException>(() => TestCluster.MigrateAsync(database, MasterKey.AtFile(lost)));
        File.Exists(lost).ShouldBeFalse();
    }

    [Fact]
    public async Task A_database_restored_without_its_wrapped_keys_is_refused()
    {
        var (database, _) = await OlderAsync();
        await TestCluster.MigrateAsync(database, MasterKey.FromFile(cluster.MasterKeyFile, create: false));
        await ScalarAsync<object>(database, "delete from vault.root_key");

        (
            await Should.ThrowAsync<MasterKeyException>(() => TestCluster.MigrateAsync(database, MasterKey.AtFile(cluster.MasterKeyFile)))
        ).Message.ShouldContain("tenet keys import");
    }

    public void Dispose() => _schema.Delete(recursive: true);

    private async Task<(string Database, byte[] Value)> OlderAsync()
    {
        var database = await cluster.CreateEmptyDatabaseAsync();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "schema")).Order().TakeWhile(IsOlder))
        {
            File.Copy(file, Path.Combine(_schema.FullName, Path.GetFileName(file)));
        }
        await TestCluster.MigrateAsync(database, MasterKey.FromFile(cluster.MasterKeyFile, create: false), _schema.FullName);

        var master = Convert.FromHexString((await File.ReadAllTextAsync(cluster.MasterKeyFile, _ct)).Trim());
        var key = RandomNumberGenerator.GetBytes(32);
        var wrapped = Seal(Derive(master, "workspace-keys"), key, KeyPlace.Bind(_workspace, 1));
        var check = Seal(Derive(master, "installation"), "tenet master key check"u8.ToArray(), CheckPlace.Bind(Guid.Empty, 1));
        await ScalarAsync<object>(database, "insert into kernel.workspace (id, name, slug) values ($1, 'Old shop', 'old')", _workspace);
        await ScalarAsync<object>(
            database,
            "insert into kernel.workspace_key (workspace_id, version, wrapped) values ($1, 1, $2)",
            _workspace,
            wrapped
        );
        await ScalarAsync<object>(database, "insert into kernel.installation (id, key_check) values (1, $1)", check);
        return (database, Seal(key, Encoding.UTF8.GetBytes("of old"), Place.Bind(_workspace, 1)));
    }

    private static bool IsOlder(string schemaFile) =>
        !File.ReadAllText(schemaFile).Contains("create schema vault", StringComparison.Ordinal);

    private static byte[] Derive(byte[] master, string use) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: Encoding.UTF8.GetBytes("tenet/" + use));

    /// <summary>Format 1 as it was written: format, version, nonce, tag, ciphertext.</summary>
    private static byte[] Seal(byte[] key, byte[] plain, byte[] boundTo)
    {
        var box = new byte[33 + plain.Length];
        box[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(box.AsSpan(1), 1);
        RandomNumberGenerator.Fill(box.AsSpan(5, 12));
        using var cipher = new AesGcm(key, 16);
        cipher.Encrypt(box.AsSpan(5, 12), plain, box.AsSpan(33), box.AsSpan(17, 16), boundTo);
        return box;
    }

    private static async Task<T?> ScalarAsync<T>(string database, string sql, params object[] values)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is T result ? result : default;
    }
}
