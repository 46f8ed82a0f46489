using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>What else is done every few minutes about the policy of a workspace, such as announcing its next version.</summary>
public delegate Task PolicyRound(Guid workspaceId, Policy policy, CancellationToken ct);

/// <summary>Looks at the claims of one workspace that are due. Each look stands in no transaction of another.</summary>
internal sealed class ProbeWorkspace(
    WorkspaceScope door,
    PolicyBook book,
    Prober prober,
    PromiseLedger ledger,
    IEnumerable<PolicyRound> rounds,
    TimeProvider time
) : IJob
{
    public const string Kind = "kernel.probe";

    /// <summary>How often it is seen what is due.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        var policy = await book.OfAsync(job.WorkspaceId, ct);
        foreach (var round in rounds)
        {
            await round(job.WorkspaceId, policy, ct);
        }
        var known = await door.RunAsync(job.WorkspaceId, Actor.System, ctx => ledger.ReadAsync(ctx, policy, ct), ct);
        var seen = new Dictionary<string, Finding>(StringComparer.Ordinal);
        foreach (var report in known)
        {
            for (var number = 0; number < report.Claims.Count; number++)
            {
                var claim = report.Claims[number];
                var now = time.GetUtcNow();
                // A little early rather than a whole round late.
                // What could not be seen is looked at again in the next round: the host may just have been starting.
                var every =
                    claim.State == PromiseState.Unknown
                        ? TimeSpan.FromTicks(Math.Min(Every.Ticks, claim.Claim.Kind.Every.Ticks))
                        : claim.Claim.Kind.Every;
                if (claim.ProbedAt is { } last && last + (every * 0.9) > now)
                {
                    continue;
                }
                if (!seen.TryGetValue(Prober.KeyOf(claim.Claim), out var finding))
                {
                    finding = await prober.LookInRoundAsync(job.WorkspaceId, policy, claim.Claim, now, ct);
                    seen[Prober.KeyOf(claim.Claim)] = finding;
                }
                var look = (report.Promise, number, finding, now);
                await door.RunAsync(job.WorkspaceId, Actor.System, ctx => PromiseLedger.WriteAsync(ctx, [look], ct), ct);
            }
        }
    }
}
