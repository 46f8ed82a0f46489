namespace Tenet.Kernel.Jobs;

/// <summary>A job that this node holds the lease of, from its claim until it is settled.</summary>
internal sealed class ClaimedJob(string kind, JobRun run, bool isSuspect, long claimedAt)
{
    private int _state;
    private CancellationTokenSource? _cancellation;

    private const int Waiting = 0;
    private const int Started = 1;
    private const int GivenUp = 2;

    public string Kind => kind;
    public JobRun Run => run;

    /// <summary>The hosts that held it before ended, more than once.</summary>
    public bool IsSuspect => isSuspect;

    /// <summary>A <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long ClaimedAt => claimedAt;

    public bool IsWaiting => Volatile.Read(ref _state) == Waiting;

    /// <summary>The lease could not be kept: another node may run it already, so nothing is settled here.</summary>
    public bool IsLost { get; private set; }

    /// <summary>False when it was handed back before its turn came.</summary>
    public bool TryStart(CancellationTokenSource cancellation)
    {
        _cancellation = cancellation;
        return Interlocked.CompareExchange(ref _state, Started, Waiting) == Waiting;
    }

    /// <summary>False when it runs already.</summary>
    public bool TryHandBack() => Interlocked.CompareExchange(ref _state, GivenUp, Waiting) == Waiting;

    /// <returns>True when it had not begun; else its handler is told to stop.</returns>
    public bool Lose()
    {
        IsLost = true;
        if (TryHandBack())
        {
            return true;
        }
        try
        {
            _cancellation?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended.
        }
        return false;
    }
}
