namespace Tenet.Kernel.Policies;

/// <summary>What a promise is shown as. Green is earned by a fresh look only.</summary>
public enum PromiseState
{
    Holds,
    Broken,
    Unknown,

    /// <summary>The last look is too old to say anything.</summary>
    Stale,

    /// <summary>A person's evidence is past its date.</summary>
    Lapsed,

    /// <summary>A part of what it promises is not built yet.</summary>
    NotYet,
}

/// <summary>A promise with what the latest look at each of its claims saw.</summary>
public sealed record PromiseReport(Promise Promise, PromiseState State, IReadOnlyList<ClaimReport> Claims)
{
    /// <summary>The worst of its claims; a promise that awaits a part never shows as holding, yet a break of what is there shows.</summary>
    public static PromiseReport Of(Promise promise, IReadOnlyList<ClaimReport> claims)
    {
        var worst = claims.Select(claim => claim.State).DefaultIfEmpty(PromiseState.Unknown).MinBy(Rank);
        var state =
            worst == PromiseState.Broken ? PromiseState.Broken
            : promise.Awaits is not null ? PromiseState.NotYet
            : worst;
        return new PromiseReport(promise, state, claims);
    }

    private static int Rank(PromiseState state) =>
        state switch
        {
            PromiseState.Broken => 0,
            PromiseState.Lapsed => 1,
            PromiseState.Unknown => 2,
            PromiseState.Stale => 3,
            _ => 4,
        };
}

/// <param name="Finding">Null when nobody has looked yet.</param>
public sealed record ClaimReport(Claim Claim, PromiseState State, Finding? Finding, DateTimeOffset? ProbedAt, DateTimeOffset? Since);
