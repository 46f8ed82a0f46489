using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Trust;

/// <summary>A policy with what the probes saw, as anybody may read it.</summary>
/// <param name="Name">Of the workspace, or of who runs the installation.</param>
/// <param name="Root">Local address of the pages that belong to it: <c>/trust/acme</c>.</param>
/// <param name="Upcoming">A version that is announced; null when none is.</param>
public sealed record TrustSheet(
    string Name,
    string Root,
    Policy Policy,
    PublishedVersion? Upcoming,
    IReadOnlyList<PromiseReport> Promises,
    ILookup<string, (DateOnly Day, Verdict Verdict)> History,
    DateTimeOffset At
)
{
    /// <summary>Policies that are in force in this installation besides; none for a workspace.</summary>
    public IReadOnlyList<Policy> Others { get; init; } = [];

    public int Count(Func<PromiseReport, bool> which) => Promises.Count(which);
}
