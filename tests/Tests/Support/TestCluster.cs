using Npgsql;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Vault;
using Xunit;

[assembly: AssemblyFixture(typeof(Tenet.Tests.Support.TestCluster))]

namespace Tenet.Tests.Support;

/// <summary>
/// One PostgreSQL for the whole run, made in a temporary folder. Databases are copies of a migrated template, so a test that needs one of
/// its own has it in a few hundred milliseconds; all others share <see cref="Host"/> and make their own workspace.
/// </summary>
public sealed class TestCluster : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-tests-");
    private readonly SemaphoreSlim _copying = new(1);
    private PrivateCluster? _cluster;

    /// <summary>The host that most tests talk to.</summary>
    internal TestHost Host { get; private set; } = null!;

    internal string MasterKeyFile => Path.Combine(_folder.FullName, "keys", "master.key");

    public async ValueTask InitializeAsync()
    {
        // The server runs as another user when the tests run as root; it must be able to pass through.
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        _cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions(_folder.FullName) { Durable = false }, CancellationToken.None);
        await MigrateAsync(_cluster.AdminConnectionString, MasterKey.FromFile(MasterKeyFile, create: true));
        NpgsqlConnection.ClearAllPools();
        Host = await StartHostAsync();
    }

    /// <summary>A host on a fresh database, for tests that change what all share.</summary>
    internal async Task<TestHost> StartHostAsync(
        Action<Microsoft.AspNetCore.Builder.WebApplicationBuilder>? adjust = null,
        bool background = true,
        RateLimitOptions? limits = null,
        Func<TenetOptions, TenetOptions>? settings = null
    ) => await TestHost.StartAsync(await CreateDatabaseAsync(), MasterKeyFile, adjust, background, limits, settings);

    /// <returns>The administrator's connection string of a new database with the current schema.</returns>
    internal Task<string> CreateDatabaseAsync() =>
        CreateDatabaseAsync(new NpgsqlConnectionStringBuilder(_cluster!.AdminConnectionString).Database!);

    /// <summary>A copy as a backup gives it. Nobody may be connected to the database.</summary>
    /// <returns>The administrator's connection string of the copy.</returns>
    internal Task<string> CopyOfAsync(string adminConnectionString) =>
        CreateDatabaseAsync(new NpgsqlConnectionStringBuilder(adminConnectionString).Database!);

    /// <returns>The administrator's connection string of a new database without any schema.</returns>
    internal Task<string> CreateEmptyDatabaseAsync() => CreateDatabaseAsync("template0");

    /// <returns>The number of files applied.</returns>
    internal static async Task<int> MigrateAsync(string adminConnectionString, MasterKey key, string? folder = null)
    {
        using var keys = new KeyRing(key);
        await using var databases = new Databases(new DatabaseOptions(adminConnectionString), keys);
        var logger = Microsoft.Extensions.Logging.Abstractions.NullLogger<Migrator>.Instance;
        var migrator = folder is null ? new Migrator(databases, keys, logger) : new Migrator(databases, keys, logger) { Folder = folder };
        return await migrator.MigrateAsync(CancellationToken.None);
    }

    private async Task<string> CreateDatabaseAsync(string template)
    {
        var name = "t_" + Guid.CreateVersion7().ToString("N");
        var settings = new NpgsqlConnectionStringBuilder(_cluster!.AdminConnectionString);
        // Copying needs the template to itself.
        await _copying.WaitAsync();
        try
        {
            await using var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString
            );
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand($"create database {name} template {template}", connection);
            await command.ExecuteNonQueryAsync();
        }
        finally
        {
            _copying.Release();
        }
        settings.Database = name;
        return settings.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.DisposeAsync();
        }
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
        _folder.Delete(recursive: true);
    }
}
