namespace Tenet.Kernel.Http.Limits;

/// <summary>Requests in a minute, over all nodes together; what is not set here follows the policy.</summary>
public sealed record GroupLimits
{
    /// <summary>From one address; from one /64 network of IPv6.</summary>
    public int? PerIp { get; init; }

    /// <summary>For one workspace, whoever asks.</summary>
    public int? PerWorkspace { get; init; }
}

/// <summary>
/// What the operator sets in place of the policies, during an attack or a load test. More than a policy promises shows as a broken promise.
/// An API key may have a limit of its own beside these.
/// </summary>
public sealed record RateLimitOptions
{
    public GroupLimits Api { get; init; } = new();
    public GroupLimits Widget { get; init; } = new();
    public GroupLimits Copilot { get; init; } = new();
    public GroupLimits Pages { get; init; } = new();
    public GroupLimits SignIn { get; init; } = new();
    public GroupLimits Open { get; init; } = new();

    public GroupLimits Of(RateGroup group) =>
        group switch
        {
            RateGroup.Api => Api,
            RateGroup.Widget => Widget,
            RateGroup.Copilot => Copilot,
            RateGroup.Pages => Pages,
            RateGroup.SignIn => SignIn,
            _ => Open,
        };
}
