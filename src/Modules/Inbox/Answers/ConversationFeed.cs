using System.Collections.Concurrent;
using System.Threading.Channels;
using Tenet.Kernel.Events;

namespace Tenet.Inbox.Answers;

/// <summary>
/// Live readers of conversations on this node, by visitor. What the team does, and what is said on other nodes, arrives as
/// <see cref="ConversationChanged"/>.
/// </summary>
internal sealed class ConversationFeed : IDisposable
{
    private readonly ConcurrentDictionary<(Guid Workspace, Guid Visitor), Room> _rooms = new();
    private readonly IDisposable _subscription;

    public ConversationFeed(EventHub events) => _subscription = events.Subscribe(Guid.Empty, OnEvent);

    /// <summary>Joins a conversation. <see cref="FeedReader.Turn"/> is the turn under way at that very moment.</summary>
    public FeedReader Join(Guid workspaceId, Guid visitorId)
    {
        while (true)
        {
            var room = _rooms.GetOrAdd((workspaceId, visitorId), static _ => new Room());
            if (room.Add() is { } joined)
            {
                return new FeedReader(this, (workspaceId, visitorId), joined.Channel, joined.Turn);
            }
        }
    }

    public void Publish(Guid workspaceId, Guid visitorId, FeedItem item)
    {
        if (_rooms.TryGetValue((workspaceId, visitorId), out var room))
        {
            room.Publish(item);
        }
    }

    public void BeginTurn(Guid workspaceId, Guid visitorId, Guid turnId)
    {
        // A room that is just being closed is not begun in.
        while (!_rooms.GetOrAdd((workspaceId, visitorId), static _ => new Room()).Begin(LiveTurn.Begin(turnId))) { }
    }

    public void EndTurn(Guid workspaceId, Guid visitorId, Guid turnId)
    {
        Publish(workspaceId, visitorId, new TurnEnded(turnId));
        if (_rooms.TryGetValue((workspaceId, visitorId), out var room) && room.End())
        {
            _rooms.TryRemove(KeyValuePair.Create((workspaceId, visitorId), room));
        }
    }

    public bool HasReaders(Guid workspaceId, Guid visitorId) =>
        _rooms.TryGetValue((workspaceId, visitorId), out var room) && room.HasReaders;

    internal void Leave((Guid, Guid) key, Channel<FeedItem> channel)
    {
        if (_rooms.TryGetValue(key, out var room) && room.Remove(channel))
        {
            _rooms.TryRemove(KeyValuePair.Create(key, room));
        }
    }

    private void OnEvent(WorkspaceEvent item)
    {
        if (item.Topic is WorkspaceEvent.Resync)
        {
            // Other nodes may have said something that this one was not told.
            foreach (var (workspace, visitor) in _rooms.Keys)
            {
                Publish(workspace, visitor, new ConversationChanged());
            }
        }
        // What was said on this node came with its words already.
        else if (item.Topic is Topics.Conversation || (item.Topic is Topics.Said && !item.FromThisNode))
        {
            Publish(item.WorkspaceId, item.Id, new ConversationChanged());
        }
    }

    public void Dispose() => _subscription.Dispose();

    private sealed class Room
    {
        // A reader that does not keep up is cut off by its full channel and resumes from its last event.
        private const int Capacity = 2_000;
        private readonly Lock _lock = new();
        private readonly List<Channel<FeedItem>> _readers = [];
        private LiveTurn? _turn;
        private bool _closed;

        public bool HasReaders => _readers.Count > 0;

        public (Channel<FeedItem> Channel, LiveTurn? Turn)? Add()
        {
            lock (_lock)
            {
                if (_closed)
                {
                    return null;
                }
                var channel = Channel.CreateBounded<FeedItem>(new BoundedChannelOptions(Capacity) { SingleReader = true });
                _readers.Add(channel);
                return (channel, _turn);
            }
        }

        public void Publish(FeedItem item)
        {
            lock (_lock)
            {
                _turn = _turn?.Apply(item);
                for (var i = _readers.Count - 1; i >= 0; i--)
                {
                    if (!_readers[i].Writer.TryWrite(item))
                    {
                        _readers[i].Writer.TryComplete();
                        _readers.RemoveAt(i);
                    }
                }
            }
        }

        public bool Begin(LiveTurn turn)
        {
            lock (_lock)
            {
                if (!_closed)
                {
                    _turn = turn;
                }
                return !_closed;
            }
        }

        public bool End()
        {
            lock (_lock)
            {
                _turn = null;
                return _closed |= _readers.Count == 0;
            }
        }

        public bool Remove(Channel<FeedItem> channel)
        {
            lock (_lock)
            {
                _readers.Remove(channel);
                return _closed |= _readers.Count == 0 && _turn is null;
            }
        }
    }
}

/// <summary>One reader's place in a conversation, until disposed.</summary>
internal sealed class FeedReader(ConversationFeed feed, (Guid, Guid) key, Channel<FeedItem> channel, LiveTurn? turn) : IDisposable
{
    public LiveTurn? Turn => turn;
    public ChannelReader<FeedItem> Items => channel.Reader;

    public void Dispose() => feed.Leave(key, channel);
}
