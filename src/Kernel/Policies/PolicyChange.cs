namespace Tenet.Kernel.Policies;

/// <summary>One difference between two versions.</summary>
/// <param name="PromiseId">Empty when it concerns the policy as a whole.</param>
/// <param name="Before">In words; null when there was nothing.</param>
/// <param name="After">In words; null when nothing is left.</param>
/// <param name="IsMaterial">People may be worse off, so they are told ahead of time.</param>
public sealed record PromiseChange(string PromiseId, string Says, string? Before, string? After, bool IsMaterial);

/// <summary>
/// What changes between two versions. Whatever only adds to what is promised, or promises the same thing more strictly, may take effect at once;
/// everything else, a change of words too, is material: a machine cannot tell that other words mean the same.
/// </summary>
public sealed record PolicyChange(Policy Before, Policy After, IReadOnlyList<PromiseChange> Changes)
{
    public bool IsMaterial => Changes.Any(change => change.IsMaterial);

    /// <summary>The first day on which the newer version may take effect when it is announced now: whole days of notice lie before it.</summary>
    public DateOnly Earliest(DateTimeOffset now) =>
        DateOnly.FromDateTime((IsMaterial ? Before.Notice.After(now).AddDays(1) : now).UtcDateTime);

    public static PolicyChange Between(Policy before, Policy after)
    {
        var changes = new List<PromiseChange>();
        if (before.Notice != after.Notice)
        {
            changes.Add(new("", "Notice of changes", before.Notice.ToString(), after.Notice.ToString(), after.Notice < before.Notice));
        }
        var now = after.Promises.ToDictionary(promise => promise.Id, StringComparer.Ordinal);
        var earlier = before.Promises.Select(promise => promise.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var promise in before.Promises)
        {
            if (now.TryGetValue(promise.Id, out var kept))
            {
                Compare(promise, kept, changes);
            }
            else
            {
                changes.Add(new(promise.Id, promise.Says, promise.Says, null, true));
            }
        }
        changes.AddRange(
            after
                .Promises.Where(promise => !earlier.Contains(promise.Id))
                .Select(promise => new PromiseChange(promise.Id, promise.Says, null, promise.Says, false))
        );
        return new PolicyChange(before, after, changes);
    }

    private static void Compare(Promise before, Promise after, List<PromiseChange> changes)
    {
        void Add(string? was, string? becomes, bool material) => changes.Add(new(after.Id, after.Says, was, becomes, material));

        if (before.Says != after.Says)
        {
            Add(before.Says, after.Says, true);
        }
        if (before.Awaits != after.Awaits)
        {
            Add(Awaits(before), Awaits(after), before.Awaits is null);
        }
        if (before.Strength != after.Strength)
        {
            // Another claim beside what stays takes nothing back, though the whole is now worth its weakest part.
            var isLess = after.Strength > before.Strength && after.Claims.Count <= before.Claims.Count;
            Add(Word(before.Strength), Word(after.Strength), isLess);
        }
        var left = after.Claims.ToList();
        var changed = new List<Claim>();
        foreach (var claim in before.Claims)
        {
            if (left.Find(claim.SaysTheSame) is { } same)
            {
                left.Remove(same);
            }
            else
            {
                changed.Add(claim);
            }
        }
        foreach (var claim in changed)
        {
            var instead = left.Find(other => other.Kind.Name == claim.Kind.Name && other.Kind.Key(other) == claim.Kind.Key(claim));
            if (instead is not null)
            {
                left.Remove(instead);
            }
            Add(claim.ToString(), instead?.ToString(), instead is null || !claim.Kind.Tightens(claim, instead));
        }
        foreach (var claim in left)
        {
            Add(null, claim.ToString(), false);
        }
    }

    private static string Awaits(Promise promise) => promise.Awaits is { } part ? $"not yet: waits for {part}" : "in force";

    private static string Word(Strength strength) => strength.ToString().ToLowerInvariant();
}
