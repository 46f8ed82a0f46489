namespace Tenet.Kernel.Events;

/// <summary>
/// Which events this node has told, so that each is told once: here at its commit, by another node's NOTIFY, or, if that node died between
/// the two, from the outbox.
/// </summary>
internal sealed class DeliveredEvents
{
    // How many sweeps a NOTIFY may come later than the outbox.
    private const int Generations = 30;

    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _told = [];
    private readonly Queue<HashSet<Guid>> _swept = new();
    private bool _follows;

    /// <summary>Remembers nothing until a relay reads the outbox and so lets it forget again.</summary>
    public void Follow()
    {
        lock (_lock)
        {
            _follows = true;
            _told.Clear();
            _swept.Clear();
        }
    }

    /// <summary>True once for each event.</summary>
    public bool IsNew(Guid eventId)
    {
        lock (_lock)
        {
            return !_follows || (!_swept.Any(swept => swept.Contains(eventId)) && _told.Add(eventId));
        }
    }

    /// <summary>The outbox's rows since the last sweep, each of them once; returns those that were not told yet.</summary>
    public List<WorkspaceEvent> Sweep(IReadOnlyCollection<WorkspaceEvent> rows)
    {
        lock (_lock)
        {
            List<WorkspaceEvent> missed = [.. rows.Where(row => !_told.Remove(row.EventId))];
            _swept.Enqueue([.. rows.Select(row => row.EventId)]);
            if (_swept.Count > Generations)
            {
                _swept.Dequeue();
            }
            return missed;
        }
    }
}
