using System.Threading.Channels;

namespace Tenet.Kernel.Jobs;

/// <summary>Wakes this node's worker when a job was just enqueued; other nodes find it by their own polling.</summary>
public sealed class JobSignal
{
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    public void Wake() => _signal.Writer.TryWrite(true);

    internal async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(atMost);
        try
        {
            await _signal.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested) { }
    }
}
