namespace Tenet.Billing.Ledger;

/// <summary>Where credits are. Together the accounts of a workspace are zero: what it has came from somewhere.</summary>
internal enum Account
{
    /// <summary>To be spent; never below zero.</summary>
    Available,

    /// <summary>Set aside for turns that run; never below zero.</summary>
    Held,

    /// <summary>For answers that were given.</summary>
    Spent,

    /// <summary>The other side of what was bought.</summary>
    Sold,

    /// <summary>The other side of what the operator gave.</summary>
    Given,

    /// <summary>Spent already when the money went back: the operator's loss.</summary>
    WrittenOff,
}
