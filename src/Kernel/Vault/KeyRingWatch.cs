using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Events;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Vault;

/// <summary>
/// Tells this node of new root keys, and tells a rotation that this node uses the newest: it holds a shared lock on that version while it runs.
/// A rotation destroys an older version only when nobody holds its lock.
/// </summary>
internal sealed partial class KeyRingWatch(
    Databases databases,
    KeyRing keys,
    WorkspaceVault vault,
    EventHub events,
    ILogger<KeyRingWatch> logger
) : BackgroundService
{
    private const string Channel = "tenet_keys";

    /// <summary>Class of the locks, "KEYS"; the object is the version.</summary>
    public const int LockClass = 0x4B455953;

    public static string Notify(int version) => $"select pg_notify('{Channel}', '{version.ToString(CultureInfo.InvariantCulture)}')";

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the node serves anything: from here on no rotation passes it by.
        var first = await AttachAsync(cancellationToken);
        _first = first;
        await base.StartAsync(cancellationToken);
    }

    private Watch? _first;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var _ = events.Subscribe(Guid.Empty, Forget);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var watch = _first ?? await AttachAsync(stoppingToken);
                _first = null;
                while (true)
                {
                    await watch.Connection.WaitAsync(stoppingToken);
                    await watch.MoveAsync(keys, databases.AdminConnectionString, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or MasterKeyException)
            {
                LogInterrupted((e as PostgresException)?.SqlState ?? e.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            }
        }
    }

    private async Task<Watch> AttachAsync(CancellationToken ct)
    {
        await keys.ReloadAsync(databases.AdminConnectionString, ct);
        var watch = new Watch(new NpgsqlConnection(databases.ListenConnectionString));
        try
        {
            await watch.Connection.OpenAsync(ct);
            await using (var listen = new NpgsqlCommand($"listen {Channel}", watch.Connection))
            {
                await listen.ExecuteNonQueryAsync(ct);
            }
            // Once more: a version that came between the reading and the listening was not told.
            await watch.MoveAsync(keys, databases.AdminConnectionString, ct);
            return watch;
        }
        catch
        {
            await watch.DisposeAsync();
            throw;
        }
    }

    private void Forget(WorkspaceEvent item)
    {
        if (item.Topic.Equals(WorkspaceVault.Topic, StringComparison.Ordinal))
        {
            vault.Forget(item.WorkspaceId);
        }
    }

    /// <summary>The connection whose locks say what this node uses.</summary>
    private sealed class Watch(NpgsqlConnection connection) : IAsyncDisposable
    {
        private int _held;

        public NpgsqlConnection Connection => connection;

        public async Task MoveAsync(KeyRing keys, string adminConnectionString, CancellationToken ct)
        {
            await keys.ReloadAsync(adminConnectionString, ct);
            var version = keys.Current.Version;
            if (version == _held)
            {
                return;
            }
            // The new one first, so that there is no moment without.
            await RunAsync($"select pg_advisory_lock_shared({LockClass}, {version})", ct);
            if (_held > 0)
            {
                await RunAsync($"select pg_advisory_unlock_shared({LockClass}, {_held})", ct);
            }
            _held = version;
        }

        private async Task RunAsync(string sql, CancellationToken ct)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(ct);
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "New keys cannot be heard of now ({Error}); trying again")]
    private partial void LogInterrupted(string error);
}
