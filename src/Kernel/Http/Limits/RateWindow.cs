namespace Tenet.Kernel.Http.Limits;

/// <summary>Whose requests are counted: an address, a workspace or a key, in a group.</summary>
internal readonly record struct RateSubject(RateGroup Group, RateScope Scope, Guid Id);

internal enum RateScope
{
    Ip,
    Workspace,
    Key,

    /// <summary>What one person does; what all of a workspace do.</summary>
    Person,
    People,
}

/// <param name="Remaining">As far as this node knows.</param>
/// <param name="EndsIn">When the next window begins.</param>
internal readonly record struct RateVerdict(RateScope Scope, bool Passes, long Limit, long Remaining, TimeSpan EndsIn);

/// <summary>
/// What this node may let pass of one subject's requests in the window that runs. It begins with a small allowance that nobody was asked for;
/// beyond it the node leases slices from the database, ahead of need. Not safe for threads: lock it.
/// </summary>
internal sealed class RateWindow(long limit, long slice)
{
    private long _own;
    private long _unreported;
    private long _leased;
    private long _taken;

    public long Limit => limit;

    /// <summary>Timestamp at which it is over; 0 before the first request.</summary>
    public long EndsAt { get; private set; }

    /// <summary>All nodes together have used it up, or as much as matters.</summary>
    public bool IsSpent { get; private set; }

    public Task? Lease { get; set; }

    /// <summary>What a node may be wrong by, and what it asks for at a time.</summary>
    private long Slice => slice;

    public long Remaining => Math.Max(0, limit - _taken + _leased - _unreported);

    public void Begin(long endsAt)
    {
        (EndsAt, _own, _unreported, _leased, _taken, IsSpent) = (endsAt, Slice, 0, 0, 0, false);
    }

    public bool TryTake()
    {
        if (_leased > 0)
        {
            _leased--;
            return true;
        }
        if (_own > 0 && !IsSpent)
        {
            _own--;
            _unreported++;
            return true;
        }
        return false;
    }

    public bool WantsLease => !IsSpent && Lease is null && _leased + _own <= Slice / 2;

    /// <summary>What to tell the database: how much was used unasked, and how much more is wanted.</summary>
    public (long Used, long Wanted) Report()
    {
        var used = _unreported;
        (_unreported, _own) = (0, 0);
        _taken += used;
        return (used, Slice);
    }

    public void Grant(long granted, long taken, long endsAt)
    {
        _leased += granted;
        (_taken, EndsAt) = (taken, endsAt);
        IsSpent = granted == 0;
    }

    /// <summary>The database did not answer: the node goes on alone, up to the whole limit.</summary>
    public void GrantAlone(long wanted)
    {
        var granted = Math.Min(wanted, limit - _taken);
        _leased += Math.Max(0, granted);
        _taken += Math.Max(0, granted);
        IsSpent = granted <= 0;
    }
}
