using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Tenet.Kernel.Events;

/// <summary>
/// Delivers committed events to the subscribers of this node at once, and hands them to the relay for the other nodes.
/// Handlers must be quick and must not throw; they run on the committing thread.
/// </summary>
public sealed partial class EventHub(ILogger<EventHub> logger)
{
    private readonly ConcurrentDictionary<Guid, ImmutableList<Subscription>> _subscriptions = new();
    private readonly Channel<WorkspaceEvent> _outgoing = Channel.CreateUnbounded<WorkspaceEvent>(new() { SingleReader = true });

    internal ChannelReader<WorkspaceEvent> Outgoing => _outgoing.Reader;

    internal DeliveredEvents Delivered { get; } = new();

    /// <summary>Calls <paramref name="onEvent"/> for every event of one workspace until disposed.</summary>
    public IDisposable Subscribe(Guid workspaceId, Action<WorkspaceEvent> onEvent)
    {
        var subscription = new Subscription(this, workspaceId, onEvent);
        _subscriptions.AddOrUpdate(workspaceId, _ => [subscription], (_, list) => list.Add(subscription));
        return subscription;
    }

    internal void Committed(IReadOnlyList<WorkspaceEvent> events)
    {
        foreach (var item in events)
        {
            Delivered.IsNew(item.EventId);
            Deliver(item with { FromThisNode = true });
            _outgoing.Writer.TryWrite(item);
        }
    }

    internal void Deliver(WorkspaceEvent item)
    {
        // Guid.Empty listens to every workspace: caches and background work of this node.
        Deliver(item, item.WorkspaceId);
        Deliver(item, Guid.Empty);
    }

    internal void Resync()
    {
        foreach (var workspace in _subscriptions.Keys)
        {
            Deliver(new WorkspaceEvent(workspace, WorkspaceEvent.Resync, Guid.Empty), workspace);
        }
    }

    private void Deliver(WorkspaceEvent item, Guid to)
    {
        if (!_subscriptions.TryGetValue(to, out var list))
        {
            return;
        }
        foreach (var subscription in list)
        {
            try
            {
                subscription.OnEvent(item);
            }
            catch (Exception e)
            {
                LogHandlerFailed(item.Topic, e.GetType().Name);
            }
        }
    }

    private void Remove(Subscription subscription) =>
        _subscriptions.AddOrUpdate(subscription.WorkspaceId, _ => [], (_, list) => list.Remove(subscription));

    private sealed class Subscription(EventHub hub, Guid workspaceId, Action<WorkspaceEvent> onEvent) : IDisposable
    {
        public Guid WorkspaceId => workspaceId;
        public Action<WorkspaceEvent> OnEvent => onEvent;

        public void Dispose() => hub.Remove(this);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A subscriber to {Topic} failed with {Error}")]
    private partial void LogHandlerFailed(string topic, string error);
}
