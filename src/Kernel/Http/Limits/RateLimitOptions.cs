namespace Tenet.Kernel.Http.Limits;

/// <summary>Requests in a minute, over all nodes together.</summary>
public sealed record GroupLimits
{
    /// <summary>From one address; from one /64 network of IPv6.</summary>
    public int PerIp { get; init; }

    /// <summary>For one workspace, whoever asks.</summary>
    public int PerWorkspace { get; init; }
}

/// <summary>What the operator allows. An API key may have a limit of its own beside these.</summary>
public sealed record RateLimitOptions
{
    public GroupLimits Api { get; init; } = new() { PerIp = 1_200, PerWorkspace = 6_000 };
    public GroupLimits Widget { get; init; } = new() { PerIp = 600, PerWorkspace = 30_000 };
    public GroupLimits Pages { get; init; } = new() { PerIp = 1_200, PerWorkspace = 6_000 };
    public GroupLimits SignIn { get; init; } = new() { PerIp = 60, PerWorkspace = 6_000 };
    public GroupLimits Open { get; init; } = new() { PerIp = 6_000, PerWorkspace = 60_000 };

    public GroupLimits Of(RateGroup group) =>
        group switch
        {
            RateGroup.Api => Api,
            RateGroup.Widget => Widget,
            RateGroup.Pages => Pages,
            RateGroup.SignIn => SignIn,
            _ => Open,
        };
}
