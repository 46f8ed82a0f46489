using System.Collections.Concurrent;

namespace Tenet.Accounts;

/// <summary>At most so many attempts per key and window, counted in this node's memory.</summary>
internal sealed class AttemptLimit(int max, TimeSpan window, TimeProvider time)
{
    private const int MaxKeys = 50_000;
    private readonly ConcurrentDictionary<string, (long Begun, int Count)> _attempts = new(StringComparer.Ordinal);

    public bool TryTake(string key)
    {
        if (_attempts.Count >= MaxKeys)
        {
            // Someone floods us with keys: the oldest windows are over soon anyway.
            _attempts.Clear();
        }
        var now = time.GetTimestamp();
        var taken = _attempts.AddOrUpdate(
            key,
            _ => (now, 1),
            (_, seen) => time.GetElapsedTime(seen.Begun, now) >= window ? (now, 1) : seen with { Count = seen.Count + 1 }
        );
        return taken.Count <= max;
    }
}
