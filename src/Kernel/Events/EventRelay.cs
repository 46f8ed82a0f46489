using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Events;

/// <summary>
/// Carries events between nodes. NOTIFY takes a global lock at commit, so it is not sent by the causing transaction but right after it,
/// many events in one. After a broken connection every subscriber is told to read again.
/// </summary>
internal sealed partial class EventRelay(Databases databases, SystemScope system, EventHub hub, ILogger<EventRelay> logger)
    : BackgroundService
{
    private const string ChannelName = "tenet_events";
    private const int MaxPayload = 7_500; // PostgreSQL's limit is 8,000 bytes.
    private static readonly TimeSpan Keep = TimeSpan.FromDays(7);
    private readonly string _node = Guid.CreateVersion7().ToString("N");
    private string? _unsent;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            RepeatAsync(SendAsync, stoppingToken),
            RepeatAsync(ListenAsync, stoppingToken),
            RepeatAsync(PurgeAsync, stoppingToken)
        );

    private async Task RepeatAsync(Func<CancellationToken, Task> work, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await work(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                LogInterrupted((e as PostgresException)?.SqlState ?? e.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            }
        }
    }

    private async Task SendAsync(CancellationToken ct)
    {
        while (_unsent is not null || await hub.Outgoing.WaitToReadAsync(ct))
        {
            // Kept until the database took it: a connection that breaks here must not lose what was committed.
            _unsent ??= NextPayload();
            await system.RunAsync(s => s.ExecuteAsync($"select pg_notify({ChannelName}, {_unsent})", ct), ct);
            _unsent = null;
            // Events of the next moments travel together.
            await Task.Delay(TimeSpan.FromMilliseconds(5), ct);
        }
    }

    private string NextPayload()
    {
        var payload = new StringBuilder(_node);
        while (payload.Length < MaxPayload - 150 && hub.Outgoing.TryRead(out var item))
        {
            payload.Append(CultureInfo.InvariantCulture, $"\n{item.WorkspaceId:N} {item.Id:N} {item.Topic}");
        }
        return payload.ToString();
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(databases.ListenConnectionString);
        connection.Notification += (_, message) => Receive(message.Payload);
        await connection.OpenAsync(ct);
        await using (var listen = new NpgsqlCommand($"listen {ChannelName}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }
        hub.Resync();
        while (!ct.IsCancellationRequested)
        {
            await connection.WaitAsync(ct);
        }
    }

    private void Receive(string payload)
    {
        var lines = payload.Split('\n');
        if (lines[0].Equals(_node, StringComparison.Ordinal))
        {
            return;
        }
        foreach (var line in lines.Skip(1))
        {
            var parts = line.Split(' ', 3);
            if (parts.Length == 3 && Guid.TryParse(parts[0], out var workspace) && Guid.TryParse(parts[1], out var id))
            {
                hub.Deliver(new WorkspaceEvent(workspace, parts[2], id));
            }
        }
    }

    private async Task PurgeAsync(CancellationToken ct)
    {
        await system.RunAsync(s => s.ExecuteAsync($"delete from kernel.event where at < {s.Now - Keep}", ct), ct);
        await Task.Delay(TimeSpan.FromHours(1), ct);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery of events is interrupted ({Error}); trying again")]
    private partial void LogInterrupted(string error);
}
