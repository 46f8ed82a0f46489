namespace Tenet.Kernel.Jobs;

/// <summary>
/// The workspaces whose jobs may be due, in the order of their turns. A job enqueued on this node wakes its worker at once; other nodes
/// find it by their own polling.
/// </summary>
public sealed class JobSignal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<Guid> _turns = new();
    private readonly HashSet<Guid> _listed = [];
    private readonly SemaphoreSlim _changed = new(0, 1);

    /// <summary>Gives the workspace a turn after all that wait already; once, however often it is called.</summary>
    public void Wake(Guid workspaceId)
    {
        lock (_lock)
        {
            if (_listed.Add(workspaceId))
            {
                _turns.Enqueue(workspaceId);
            }
        }
        Nudge();
    }

    /// <summary>Lets the worker look again: there is room for another job.</summary>
    internal void Nudge()
    {
        lock (_lock)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    internal bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _turns.Count == 0;
            }
        }
    }

    /// <summary>Takes the next turns off the list.</summary>
    internal List<Guid> Take(int atMost)
    {
        var taken = new List<Guid>(atMost);
        lock (_lock)
        {
            while (taken.Count < atMost && _turns.TryDequeue(out var workspace))
            {
                _listed.Remove(workspace);
                taken.Add(workspace);
            }
        }
        return taken;
    }

    internal Task WaitAsync(TimeSpan atMost, CancellationToken ct) => _changed.WaitAsync(atMost, ct);

    public void Dispose() => _changed.Dispose();
}
