using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;

namespace Tenet.Inbox.Widget;

/// <summary>How much one visitor, and all visitors of one workspace, may ask in a minute, whatever nodes answer them.</summary>
public sealed record VisitorLimitOptions
{
    public int MessagesPerVisitor { get; init; } = 30;
    public int MessagesPerWorkspace { get; init; } = 3_000;
}

internal sealed class VisitorLimits(SharedLimits limits, VisitorLimitOptions options)
{
    /// <exception cref="TooManyRequestsException">Too many in this minute.</exception>
    public async ValueTask TakeAsync(Guid workspaceId, Guid visitorId, CancellationToken ct)
    {
        var (visitor, workspace) = (options.MessagesPerVisitor, options.MessagesPerWorkspace);
        if (!await limits.TryTakeAsync(RateGroup.Widget, workspaceId, visitorId, visitor, workspace, ct))
        {
            throw new TooManyRequestsException("That were many messages at once. Wait a minute and send it again.");
        }
    }
}
