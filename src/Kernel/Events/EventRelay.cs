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
/// many events in one. What a node did not send because it died is found in the outbox by the others. After a broken connection every
/// subscriber is told to read again.
/// </summary>
internal sealed partial class EventRelay(Databases databases, SystemScope system, EventHub hub, ILogger<EventRelay> logger)
    : BackgroundService
{
    private const string ChannelName = "tenet_events";
    private const int MaxPayload = 7_500; // PostgreSQL's limit is 8,000 bytes.
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(2);
    private readonly string _node = Guid.CreateVersion7().ToString("N");
    private string? _unsent;

    // The transactions from here on are not swept yet; null until this node listens.
    private string? _sweptTo;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            RepeatAsync(SendAsync, stoppingToken),
            RepeatAsync(ListenAsync, stoppingToken),
            RepeatAsync(SweepAsync, stoppingToken)
        );

    /// <summary>The last events of what ended while the node stopped still leave.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            while (_unsent is not null || hub.Outgoing.TryPeek(out _))
            {
                await SendNextAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            LogInterrupted(e.GetType().Name);
        }
    }

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
            catch (Exception e)
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
            await SendNextAsync(ct);
            // Events of the next moments travel together.
            await Task.Delay(TimeSpan.FromMilliseconds(5), ct);
        }
    }

    private async Task SendNextAsync(CancellationToken ct)
    {
        // Kept until the database took it: a connection that breaks here must not lose what was committed.
        _unsent ??= NextPayload();
        CrashPoint.Reach("events", "send.before");
        await system.RunAsync(s => s.ExecuteAsync($"select pg_notify({ChannelName}, {_unsent})", ct), ct);
        CrashPoint.Reach("events", "send.after");
        _unsent = null;
    }

    private string NextPayload()
    {
        var payload = new StringBuilder(_node);
        while (payload.Length < MaxPayload - 200 && hub.Outgoing.TryRead(out var item))
        {
            payload.Append(CultureInfo.InvariantCulture, $"\n{item.WorkspaceId:N} {item.EventId:N} {item.Id:N} {item.Topic}");
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
        // From here on nothing is missed; what happened before, the subscribers read anew.
        hub.Delivered.Follow();
        _sweptTo = await system.RunAsync(s => OldestOpenAsync(s, ct), ct);
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
            if (
                line.Split(' ', 4) is [var first, var second, var third, var topic]
                && Guid.TryParse(first, out var workspace)
                && Guid.TryParse(second, out var eventId)
                && Guid.TryParse(third, out var id)
                && hub.Delivered.IsNew(eventId)
            )
            {
                hub.Deliver(new WorkspaceEvent(workspace, topic, id) { EventId = eventId });
            }
        }
    }

    /// <summary>Tells what another node committed and died before it could tell. Reads only below the oldest open transaction.</summary>
    private async Task SweepAsync(CancellationToken ct)
    {
        await Task.Delay(SweepEvery, ct);
        if (_sweptTo is not { } from)
        {
            return;
        }
        var (to, rows) = await system.RunAsync(
            async s =>
            {
                var to = await OldestOpenAsync(s, ct);
                var rows = await s.ListAsync(
                    $"select workspace_id, id, topic, subject_id from kernel.event where tx >= {from}::text::xid8 and tx < {to}::text::xid8",
                    row => new WorkspaceEvent(row.GetGuid(0), row.GetString(2), row.GetGuid(3)) { EventId = row.GetGuid(1) },
                    ct
                );
                return (to, rows);
            },
            ct
        );
        // Unless the connection was made anew meanwhile.
        if (ReferenceEquals(_sweptTo, from))
        {
            hub.Delivered.Sweep(rows).ForEach(hub.Deliver);
            _sweptTo = to;
        }
    }

    private static async Task<string> OldestOpenAsync(SystemContext s, CancellationToken ct) =>
        (await s.ScalarAsync<string>($"select pg_snapshot_xmin(pg_current_snapshot())::text", ct))!;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery of events is interrupted ({Error}); trying again")]
    private partial void LogInterrupted(string error);
}
