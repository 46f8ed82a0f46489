using Tenet.Kernel.DataMaps;

namespace Tenet.Billing.Ledger;

internal enum TransactionKind
{
    /// <summary>By the operator, without payment. The subject is the grant.</summary>
    Granted,

    /// <summary>The subject is the purchase.</summary>
    Bought,

    /// <summary>Set aside before a turn, which is the subject of this and the next two.</summary>
    Reserved,
    Settled,
    Released,

    /// <summary>The money went back: a refund or a dispute, which is the subject.</summary>
    Reversed,

    /// <summary>A dispute was won: the subject is what was reversed.</summary>
    Restored,
}

/// <summary>One booking. Numbered without gaps in its workspace, so that one that is missing shows.</summary>
[Record("billing.transaction", Purpose.Accountability, Keep = BillingRules.Ledger)]
[KeptAtClosing(BillingRules.Ground)]
internal sealed record LedgerTransaction
{
    [Operational]
    public long Number { get; init; }

    [Operational]
    public TransactionKind Kind { get; init; }

    /// <summary>What it was booked for; of each kind once.</summary>
    [Operational]
    public Guid SubjectId { get; init; }

    /// <summary>What moved, in millionths of a credit.</summary>
    [Operational]
    public long Amount { get; init; }

    [Operational]
    public DateTimeOffset At { get; init; }
}

/// <summary>What a transaction does to one account. The amounts of a transaction are zero together.</summary>
[Record("billing.entry", Purpose.Accountability, Keep = BillingRules.Ledger)]
[KeptAtClosing(BillingRules.Ground)]
internal sealed record LedgerEntry
{
    [Operational]
    public Account Account { get; init; }

    /// <summary>Of the transaction.</summary>
    [Operational]
    public long Number { get; init; }

    [Operational]
    public long Amount { get; init; }

    /// <summary>Of the account, after this entry.</summary>
    [Operational]
    public long Balance { get; init; }

    [Operational]
    public DateTimeOffset At { get; init; }
}
