using Tenet.Kernel.Policies;
using Tenet.Privacy.Public;

namespace Tenet.Privacy.Trust;

/// <summary>A policy with what the probes saw, as anybody may read it.</summary>
public sealed record TrustSheet(
    PublicSubject Subject,
    IReadOnlyList<PromiseReport> Promises,
    ILookup<string, (DateOnly Day, Verdict Verdict)> History,
    DateTimeOffset At
)
{
    /// <summary>Policies that are in force in this installation besides; none for a workspace.</summary>
    public IReadOnlyList<Policy> Others { get; init; } = [];

    public int Count(Func<PromiseReport, bool> which) => Promises.Count(which);
}
