using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Policies;

namespace Tenet.Inbox.Widget;

/// <summary>How much visitors may ask in a minute when it is not what the policy says: for tests and measurements.</summary>
public sealed record VisitorLimitOptions
{
    public int? MessagesPerVisitor { get; init; }
    public int? MessagesPerWorkspace { get; init; }
}

/// <summary>How much one visitor, and all visitors of one workspace, may ask in a minute, whatever nodes answer them: as the policy says.</summary>
internal sealed class VisitorLimits(SharedLimits limits, PolicySettings policy, VisitorLimitOptions overrides)
{
    /// <exception cref="TooManyRequestsException">Too many in this minute.</exception>
    /// <exception cref="InvalidOperationException">No policy says how many.</exception>
    public async ValueTask TakeAsync(Guid workspaceId, Guid visitorId, CancellationToken ct)
    {
        var claim =
            await policy.FindAsync(workspaceId, MessageLimit.Kind, MessageLimit.Subject, ct)
            ?? throw new InvalidOperationException(
                "No policy in force says how many messages a visitor may send. Publish the house rules."
            );
        var (visitor, workspace) = (
            overrides.MessagesPerVisitor ?? claim.Get<int>(MessageLimit.PerVisitor),
            overrides.MessagesPerWorkspace ?? claim.Get<int>(MessageLimit.PerWorkspace)
        );
        if (!await limits.TryTakeAsync(RateGroup.Widget, workspaceId, visitorId, visitor, workspace, ct))
        {
            throw new TooManyRequestsException("That were many messages at once. Wait a minute and send it again.");
        }
    }
}
