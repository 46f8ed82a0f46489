namespace Tenet.Kernel.Policies;

/// <summary>Claims that speak of the same thing. A nearer file's claim takes an inherited one's place; two of one file contradict each other.</summary>
internal static class Contradictions
{
    /// <param name="files">From the nearest to the farthest ancestor.</param>
    public static List<Promise> Supersede(IReadOnlyList<Promise> promises, IReadOnlyList<string> files, List<PolicyFault> faults)
    {
        var owners = new Dictionary<string, (Promise Promise, Claim Claim)>(StringComparer.Ordinal);
        var superseded = new HashSet<Claim>(ReferenceEqualityComparer.Instance);
        foreach (var file in files)
        {
            foreach (var promise in promises.Where(promise => promise.File == file))
            {
                foreach (var claim in promise.Claims)
                {
                    if (claim.Kind.Key(claim) is not { } subject || owners.TryAdd(claim.Kind.Name + " " + subject, (promise, claim)))
                    {
                        continue;
                    }
                    var owner = owners[claim.Kind.Name + " " + subject];
                    if (owner.Promise.File != file)
                    {
                        superseded.Add(claim);
                    }
                    else if (!claim.SaysTheSame(owner.Claim))
                    {
                        faults.Add(
                            new PolicyFault(
                                file,
                                promise.Line,
                                promise.Id,
                                $"This contradicts {owner.Promise.Id} (line {owner.Promise.Line}) about {subject}. Only one value can hold."
                            )
                        );
                    }
                }
            }
        }
        return
        [
            .. promises
                .Where(promise => promise.Claims.Count == 0 || !promise.Claims.All(superseded.Contains))
                .Select(promise => promise with { Claims = [.. promise.Claims.Where(claim => !superseded.Contains(claim))] }),
        ];
    }
}
