using Microsoft.Extensions.Logging;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Looks at every claim of a policy in the running system.</summary>
public sealed partial class Prober(WorkspaceScope door, IServiceProvider services, TimeProvider time, ILogger<Prober> logger)
{
    /// <summary>One look takes at most this long; after it the answer is unknown.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Looks at all claims now, whatever their interval. A probe that fails makes its claim unknown and no other.</summary>
    public async Task<IReadOnlyList<PromiseReport>> LookAsync(Guid workspaceId, Policy policy, CancellationToken ct)
    {
        var reports = new List<PromiseReport>();
        foreach (var promise in policy.Promises)
        {
            var claims = new List<ClaimReport>();
            foreach (var claim in promise.Claims)
            {
                var at = time.GetUtcNow();
                var finding = await LookAsync(workspaceId, policy, claim, at, ct);
                claims.Add(new ClaimReport(claim, StateOf(finding.Verdict), finding, at, null));
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
