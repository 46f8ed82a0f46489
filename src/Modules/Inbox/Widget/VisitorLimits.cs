using System.Threading.RateLimiting;
using Tenet.Kernel.Http;

namespace Tenet.Inbox.Widget;

/// <summary>How much one visitor, and all visitors of one workspace, may ask of this node in a minute.</summary>
public sealed record VisitorLimitOptions
{
    public int MessagesPerVisitor { get; init; } = 30;
    public int MessagesPerWorkspace { get; init; } = 3_000;
}

internal sealed class VisitorLimits(VisitorLimitOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<Guid> _visitors = PerMinute(options.MessagesPerVisitor);
    private readonly PartitionedRateLimiter<Guid> _workspaces = PerMinute(options.MessagesPerWorkspace);

    /// <exception cref="TooManyRequestsException">Too many in this minute.</exception>
    public void Take(Guid workspaceId, Guid visitorId)
    {
        if (!_visitors.AttemptAcquire(visitorId).IsAcquired || !_workspaces.AttemptAcquire(workspaceId).IsAcquired)
        {
            throw new TooManyRequestsException("That were many messages at once. Wait a minute and send it again.");
        }
    }

    private static PartitionedRateLimiter<Guid> PerMinute(int permits) =>
        PartitionedRateLimiter.Create<Guid, Guid>(id =>
            RateLimitPartition.GetSlidingWindowLimiter(
                id,
                _ => new SlidingWindowRateLimiterOptions
                {
                    PermitLimit = permits,
                    Window = TimeSpan.FromMinutes(1),
                    SegmentsPerWindow = 6,
                }
            )
        );

    public void Dispose()
    {
        _visitors.Dispose();
        _workspaces.Dispose();
    }
}
