using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Tenet.Kernel.Postgres;

/// <summary>
/// A PostgreSQL of Tenet's own under a data directory: made at the first start, reached only through a socket in its own folder
/// (no TCP port, hence none that could clash), stopped with the host. A server that outlived a killed host is taken over.
/// </summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    /// <summary>Names the socket's file; no TCP port is opened.</summary>
    public const int Port = 5432;
    private const string SuperUser = "tenet_owner";
    private const string DatabaseName = "tenet";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ServerAccount _account;
    private readonly PrivateClusterFolder _folder;
    private readonly PostgresBinaries _binaries;
    private readonly FileStream? _lock;

    private PrivateCluster(ServerAccount account, PrivateClusterFolder folder, PostgresBinaries binaries, FileStream? ownership)
    {
        _account = account;
        _folder = folder;
        _binaries = binaries;
        _lock = ownership;
    }

    /// <summary>Npgsql connection string of the superuser that owns the schema. Holds a password: never log it.</summary>
    public string AdminConnectionString { get; private set; } = "";

    /// <summary>Major version of the running server.</summary>
    public int Major => _binaries.Major;

    /// <summary>Where the server writes its log.</summary>
    public string LogFile => _folder.Log;

    /// <summary>False when another process of this data directory runs the server and this one only joined it.</summary>
    public bool Owned => _lock is not null;

    /// <summary>Whether a data directory holds a cluster already.</summary>
    public static bool IsIn(string directory) =>
        File.Exists(Path.Combine(directory, "postgres.location")) || Directory.Exists(Path.Combine(directory, "postgres"));

    /// <summary>Starts the cluster, or takes over the one that still runs, and keeps it until disposed.</summary>
    /// <exception cref="PrivateClusterException">Another Tenet uses the directory, or the server does not start.</exception>
    public static Task<PrivateCluster> StartAsync(PrivateClusterOptions options, CancellationToken ct) =>
        OpenAsync(options, mayJoin: false, ct);

    /// <summary>For a short command: as <see cref="StartAsync"/>, but when a running host holds the cluster, uses it and leaves it alone.</summary>
    public static Task<PrivateCluster> JoinAsync(PrivateClusterOptions options, CancellationToken ct) =>
        OpenAsync(options, mayJoin: true, ct);

    private static async Task<PrivateCluster> OpenAsync(PrivateClusterOptions options, bool mayJoin, CancellationToken ct)
    {
        var directory = options.PrepareDirectory();
        var ownership = options.Acquire();
        if (ownership is null && !mayJoin)
            throw new PrivateClusterException(
                $"Another Tenet is running on {directory}. Stop it first, or choose another folder with --data."
            );
        PrivateCluster? cluster = null;
        try
        {
            var account = ServerAccount.ForCaller();
            var folder = await PrivateClusterFolder.OpenAsync(directory, account, ct);
            cluster = new PrivateCluster(account, folder, PostgresBinaries.Find(folder.DataMajor), ownership);
            if (cluster.Owned)
                await cluster.StartServerAsync(options, ct);
            await cluster.ConnectAsync(ct);
            return cluster;
        }
        catch
        {
            if (cluster is not null)
                await cluster.DisposeAsync();
            else if (ownership is not null)
                await ownership.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when the server has gone although nobody asked it to.</summary>
    public async Task WaitForLossAsync(CancellationToken ct)
    {
        // The server is nobody's child, so there is no exit to wait for; a look each second costs one file and one link.
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (ServerProcess.Postmaster(_folder) is not null && await timer.WaitForNextTickAsync(ct)) { }
    }

    /// <summary>The last lines of the server's log, for a message about its failure.</summary>
    public string LogTail()
    {
        var lines = File.Exists(_folder.Log) ? File.ReadLines(_folder.Log).TakeLast(6) : [];
        return string.Join('\n', lines);
    }

    private async Task StartServerAsync(PrivateClusterOptions options, CancellationToken ct)
    {
        if (_folder.DataMajor is null)
        {
            options.Progress?.Report($"Preparing a PostgreSQL {Major} database");
            await InitialiseAsync(options, ct);
        }
        await File.WriteAllTextAsync(_folder.HostAccess, PrivateClusterConfiguration.HostAccess, ct);
        await File.WriteAllTextAsync(_folder.Configuration, PrivateClusterConfiguration.Settings(_folder, options.Durable), ct);
        if (ServerProcess.Postmaster(_folder) is not null)
            return;
        await ClearRemainsAsync(ct);
        options.Progress?.Report("Starting PostgreSQL");
        string[] arguments =
        [
            "start",
            "-D",
            _folder.Data,
            "-l",
            _folder.Log,
            "-o",
            $"-c config_file='{_folder.Configuration}'",
            "-w",
            "-t",
            "120",
        ];
        var (exitCode, output) = await _account.RunAsync(_folder.Root, _binaries.PgCtl, arguments, ct);
        if (exitCode != 0)
            throw new PrivateClusterException($"PostgreSQL did not start.\n{output}\nThe end of {_folder.Log}:\n{LogTail()}");
    }

    private async Task InitialiseAsync(PrivateClusterOptions options, CancellationToken ct)
    {
        // Built beside and renamed at the end: an interrupted start leaves nothing half made.
        if (Directory.Exists(_folder.UnfinishedData))
            Directory.Delete(_folder.UnfinishedData, recursive: true);
        var password = await NewPasswordAsync(ct);
        var passwordForServer = Path.Combine(_folder.Root, "password.initdb");
        await WritePrivateAsync(passwordForServer, password, ct);
        await _account.OwnAsync(passwordForServer, ct);
        try
        {
            await _account.OwnFolderAsync(_folder.UnfinishedData, ct);
            string[] arguments =
            [
                "-D",
                _folder.UnfinishedData,
                "-U",
                SuperUser,
                $"--pwfile={passwordForServer}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--data-checksums",
                .. options.Durable ? Array.Empty<string>() : ["--no-sync"],
            ];
            var (exitCode, output) = await _account.RunAsync(_folder.Root, _binaries.InitDb, arguments, ct);
            if (exitCode != 0)
                throw new PrivateClusterException($"PostgreSQL's initdb failed in {_folder.Root}:\n{output}");
        }
        finally
        {
            File.Delete(passwordForServer);
        }
        Directory.Move(_folder.UnfinishedData, _folder.Data);
    }

    private async Task ClearRemainsAsync(CancellationToken ct)
    {
        // Backends outlive a killed postmaster by a moment; a second server beside them would destroy the data.
        var waited = Stopwatch.StartNew();
        while (ServerProcess.AnyLeft(_folder.Data))
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(30))
                throw new PrivateClusterException(
                    $"Processes of an earlier PostgreSQL still work in {_folder.Data}. End them and start again."
                );
            await Task.Delay(100, ct);
        }
        // Nothing serves the directory, so these are a killed server's; the number in them may by now belong to another program.
        foreach (var remain in new[] { _folder.PidFile, _folder.SocketFile, _folder.SocketFile + ".lock" })
            File.Delete(remain);
        if (File.Exists(_folder.Log) && new FileInfo(_folder.Log).Length > 1_000_000)
            File.Move(_folder.Log, _folder.Log + ".1", overwrite: true);
    }

    private async Task ConnectAsync(CancellationToken ct)
    {
        var target = new NpgsqlConnectionStringBuilder
        {
            Host = _folder.Socket,
            Port = Port,
            Username = SuperUser,
            Password = await ReadPasswordAsync(ct),
            Database = DatabaseName,
            Timeout = 10,
        };
        AdminConnectionString = target.ConnectionString;
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(target.ConnectionString + ";Pooling=false");
                await connection.OpenAsync(ct);
                return;
            }
            catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.InvalidCatalogName)
            {
                await CreateDatabaseAsync(new(target.ConnectionString) { Database = "postgres", Pooling = false }, ct);
            }
            catch (NpgsqlException busy) when (IsStarting(busy) && waited.Elapsed < Patience)
            {
                await Task.Delay(100, ct);
            }
            catch (NpgsqlException refused)
            {
                throw new PrivateClusterException(
                    $"PostgreSQL runs but refuses Tenet: {refused.Message}\nThe end of {_folder.Log}:\n{LogTail()}",
                    refused
                );
            }
        }
    }

    // A server taken over may be recovering; one that another host is starting may not listen yet.
    private bool IsStarting(NpgsqlException failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow }
        || (failure is not PostgresException && ServerProcess.Postmaster(_folder) is not null);

    private static async Task CreateDatabaseAsync(NpgsqlConnectionStringBuilder server, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(ct);
        await using var create = new NpgsqlCommand($"create database {DatabaseName}", connection);
        await create.ExecuteNonQueryAsync(ct);
    }

    private async Task<string> NewPasswordAsync(CancellationToken ct)
    {
        var password = Secrets.Token();
        await WritePrivateAsync(_folder.Password, password, ct);
        return password;
    }

    private async Task<string> ReadPasswordAsync(CancellationToken ct) =>
        File.Exists(_folder.Password)
            ? await File.ReadAllTextAsync(_folder.Password, ct)
            : throw new PrivateClusterException(
                $"{_folder.Password} is missing: without it the database cannot be opened. Restore it from a backup."
            );

    private static async Task WritePrivateAsync(string file, string text, CancellationToken ct)
    {
        File.Delete(file);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using var writer = new StreamWriter(file, options);
        await writer.WriteAsync(text.AsMemory(), ct);
    }

    /// <summary>Forgets the server as a killed host would: it runs on and the next start takes it over.</summary>
    internal void ReleaseForTests() => _lock?.Dispose();

    /// <summary>Stops the server when this process owns it: open transactions are rolled back, everything committed is kept.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_lock is null)
            return;
        if (ServerProcess.Postmaster(_folder) is not null)
        {
            string[] arguments = ["stop", "-D", _folder.Data, "-m", "fast", "-w", "-t", "60"];
            await _account.RunAsync(_folder.Root, _binaries.PgCtl, arguments, CancellationToken.None);
        }
        await _lock.DisposeAsync();
    }
}
