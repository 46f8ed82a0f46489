using Tenet.Kernel.Policies;
using Tenet.Kernel.Policies.Kinds;

namespace Tenet.Kernel.Http.Limits;

/// <summary>How many requests a minute are granted: what the operator has set, else what the policies say.</summary>
internal sealed class RateGrants(PolicySettings policy, RateLimitOptions options, TimeProvider time)
{
    /// <summary>A policy changes rarely; its values need not be looked up for each request.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private static readonly string[] Words = [.. Enum.GetValues<RateGroup>().Select(RateLimit.Word)];
    private readonly (long At, int Limit)?[] _perIp = new (long, int)?[Words.Length];

    /// <summary>From one address, of which no workspace is known yet: the least that any policy in force grants.</summary>
    public async ValueTask<int> PerIpAsync(RateGroup group, CancellationToken ct)
    {
        if (options.Of(group).PerIp is { } set)
        {
            return set;
        }
        if (_perIp[(int)group] is { } known && time.GetElapsedTime(known.At) < Fresh)
        {
            return known.Limit;
        }
        var at = time.GetTimestamp();
        var claims = await policy.InForceAsync(RateLimit.Kind, Words[(int)group], ct);
        var limit = claims.Count == 0 ? int.MaxValue : claims.Min(claim => claim.Get<int>("per_ip"));
        _perIp[(int)group] = (at, limit);
        return limit;
    }

    public async ValueTask<int> PerWorkspaceAsync(RateGroup group, Guid workspaceId, CancellationToken ct) =>
        options.Of(group).PerWorkspace is { } set ? set
        : await policy.FindAsync(workspaceId, RateLimit.Kind, Words[(int)group], ct) is { } claim ? claim.Get<int>("per_workspace")
        : int.MaxValue;
}
