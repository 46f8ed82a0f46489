namespace Tenet.Odoo.Switches;

/// <summary>An answer that is being made: ended by the panel that goes away, or by a stop.</summary>
internal sealed class RunningTurn : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _either;
    private readonly Action<RunningTurn> _leave;

    public RunningTurn(Guid workspaceId, Action<RunningTurn> leave, CancellationToken panel)
    {
        (WorkspaceId, _leave) = (workspaceId, leave);
        _either = CancellationTokenSource.CreateLinkedTokenSource(panel, _stop.Token);
        Ended = _either.Token;
    }

    public Guid WorkspaceId { get; }

    /// <summary>Cancelled by either.</summary>
    public CancellationToken Ended { get; }

    public bool IsStopped { get; private set; }

    public void Stop()
    {
        IsStopped = true;
        // Not here: what waits for it must not run on the thread that tells.
        _ = Task.Run(() =>
        {
            try
            {
                _stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It had ended by itself.
            }
        });
    }

    public void Dispose()
    {
        _leave(this);
        _either.Dispose();
        _stop.Dispose();
    }
}
