using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Looks at every claim of a policy in the running system.</summary>
public sealed partial class Prober(WorkspaceScope door, IServiceProvider services, TimeProvider time, ILogger<Prober> logger)
{
    /// <summary>One look takes at most this long; after it the answer is unknown.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>A look at the deployment serves all workspaces for this long.</summary>
    private static readonly TimeSpan Shared = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, Finding Finding)> _deployment = new(StringComparer.Ordinal);

    /// <summary>Looks at all claims now, whatever their interval. A probe that fails makes its claim unknown and no other.</summary>
    public async Task<IReadOnlyList<PromiseReport>> LookAsync(Guid workspaceId, Policy policy, CancellationToken ct)
    {
        var reports = new List<PromiseReport>();
        // Several promises rest on the same claim: one look answers them all.
        var seen = new Dictionary<string, (DateTimeOffset At, Finding Finding)>(StringComparer.Ordinal);
        foreach (var promise in policy.Promises)
        {
            var claims = new List<ClaimReport>();
            foreach (var claim in promise.Claims)
            {
                if (!seen.TryGetValue(KeyOf(claim), out var look))
                {
                    var at = time.GetUtcNow();
                    seen[KeyOf(claim)] = look = (at, await LookAsync(workspaceId, policy, claim, at, ct));
                }
                claims.Add(new ClaimReport(claim, StateOf(look.Finding.Verdict), look.Finding, look.At, null));
            }
            reports.Add(PromiseReport.Of(promise, claims));
        }
        return reports;
    }

    /// <summary>One look at one claim.</summary>
    public async Task<Finding> LookAsync(Guid workspaceId, Policy policy, Claim claim, DateTimeOffset now, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            return await claim.Kind.ProbeAsync(new ProbeRun(workspaceId, policy, door, services, now), claim, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Finding.Unknown($"The look took longer than {Limit.TotalSeconds:0} seconds and was given up.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(claim.Kind.Name, e.GetType().Name);
            return Finding.Unknown("The look failed. The operator finds the reason in the log.");
        }
    }

    /// <summary>A look of the round that goes through all workspaces: what is the same in all of them is not looked at again for each.</summary>
    internal async Task<Finding> LookInRoundAsync(Guid workspaceId, Policy policy, Claim claim, DateTimeOffset now, CancellationToken ct)
    {
        if (!claim.Kind.IsOfDeployment)
        {
            return await LookAsync(workspaceId, policy, claim, now, ct);
        }
        var key = KeyOf(claim);
        if (_deployment.TryGetValue(key, out var known) && known.At + Shared > now)
        {
            return known.Finding;
        }
        var finding = await LookAsync(workspaceId, policy, claim, now, ct);
        _deployment[key] = (now, finding);
        return finding;
    }

    /// <summary>Two claims of the same key are the same question.</summary>
    internal static string KeyOf(Claim claim) => claim.Kind.Name + " " + JsonSerializer.Serialize(claim.Values);

    internal static PromiseState StateOf(Verdict verdict) =>
        verdict switch
        {
            Verdict.Holds => PromiseState.Holds,
            Verdict.Broken => PromiseState.Broken,
            Verdict.Lapsed => PromiseState.Lapsed,
            _ => PromiseState.Unknown,
        };

    [LoggerMessage(Level = LogLevel.Error, Message = "The probe of {Kind} failed with {Error}")]
    private partial void LogFailed(string kind, string error);
}
