using System.Collections.Concurrent;

namespace Tenet.Kernel.Vault;

/// <summary>Which data key: a workspace's version, or (version 0) a person's.</summary>
internal readonly record struct DataKeyName(Guid Workspace, int Version, Guid Subject);

/// <summary>
/// Remembers how data keys unwrap, by the wrapped bytes: a key whose row was rolled back is never mistaken for the one that was stored.
/// That a key exists is asked of the database each time.
/// </summary>
internal sealed class KeyCache : IDisposable
{
    private const int Capacity = 20_000;
    private readonly ConcurrentDictionary<DataKeyName, Entry> _entries = new();

    public SealedBox Get(DataKeyName name, byte[] wrapped, Func<SealedBox> open)
    {
        if (_entries.TryGetValue(name, out var known) && known.Wrapped.AsSpan().SequenceEqual(wrapped))
        {
            return known.Box;
        }
        if (_entries.Count >= Capacity)
        {
            // Not disposed: others may be using them. A key is quick to open again.
            _entries.Clear();
        }
        var box = open();
        _entries[name] = new Entry(wrapped, box);
        return box;
    }

    /// <summary>Zeroes what is remembered of a workspace's keys.</summary>
    public void Forget(Guid workspace)
    {
        foreach (var (name, _) in _entries.Where(entry => entry.Key.Workspace == workspace))
        {
            if (_entries.TryRemove(name, out var entry))
            {
                entry.Box.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Box.Dispose();
        }
    }

    private sealed record Entry(byte[] Wrapped, SealedBox Box);
}
