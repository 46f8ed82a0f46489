using Tenet.Kernel.DataMaps;

namespace Tenet.Billing.Payments;

internal enum PurchaseState
{
    /// <summary>The buyer is with the provider, or left.</summary>
    Open,
    Paid,
    Expired,
    PartlyRefunded,
    Refunded,
    Disputed,

    /// <summary>What the provider took is not what the package costs: nothing was booked, a person has to look.</summary>
    Mismatch,
}

/// <summary>A package that somebody went to pay for: what it was, what it cost, and what the provider calls it. Nothing of a card, nobody's name.</summary>
[Record("billing.purchase", Purpose.Accountability, Keep = BillingRules.Purchases)]
[KeptAtClosing(BillingRules.Ground)]
internal sealed record Purchase
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public string Package { get; init; } = "";

    [Operational]
    public int Credits { get; init; }

    /// <summary>In the currency's smallest unit.</summary>
    [Operational]
    public long Amount { get; init; }

    [Operational]
    public string Currency { get; init; } = "";

    [Operational]
    public string Provider { get; init; } = "";

    /// <summary>The provider's name of the payment.</summary>
    [Operational]
    public string? Reference { get; init; }

    [Operational]
    public PurchaseState State { get; init; }

    /// <summary>What went back so far.</summary>
    [Operational]
    public long Refunded { get; init; }

    [Operational]
    public DateTimeOffset At { get; init; }

    [Operational]
    public DateTimeOffset? PaidAt { get; init; }

    public const string Topic = "billing.purchase";
}

/// <summary>A notice of a provider that was acted on: its id, so that it is acted on once, and nothing of its body.</summary>
[Record("billing.payment_notice", Purpose.Accountability, Keep = BillingRules.Purchases)]
[KeptAtClosing(BillingRules.Ground)]
internal sealed record PaymentNoticeRecord
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid PurchaseId { get; init; }

    [Operational]
    public string Provider { get; init; } = "";

    [Operational]
    public string EventId { get; init; } = "";

    [Operational]
    public PaymentEvent Event { get; init; }

    [Operational]
    public long Amount { get; init; }

    [Operational]
    public DateTimeOffset At { get; init; }
}

/// <summary>What the buyer is given for a payment, or for one that went back: as it was on that day, whatever changes later.</summary>
[Record("billing.receipt", Purpose.Accountability, Keep = BillingRules.Purchases)]
[KeptAtClosing(BillingRules.Ground)]
internal sealed record Receipt
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid PurchaseId { get; init; }

    /// <summary>From 1 without gaps in the workspace.</summary>
    [Operational]
    public int Number { get; init; }

    /// <summary>Below zero when money went back.</summary>
    [Operational]
    public long Amount { get; init; }

    [Operational]
    public string Currency { get; init; } = "";

    /// <summary>The package's name on that day.</summary>
    [Operational]
    public string Item { get; init; } = "";

    [Operational]
    public int Credits { get; init; }

    [Operational]
    public string Seller { get; init; } = "";

    /// <summary>The workspace's name on that day.</summary>
    [Operational]
    public string Buyer { get; init; } = "";

    [Operational]
    public string Provider { get; init; } = "";

    [Operational]
    public string Reference { get; init; } = "";

    [Operational]
    public DateTimeOffset At { get; init; }

    /// <summary>As people see it: the workspace's series and the number in it.</summary>
    public static string NumberOf(Guid workspace, int number) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{workspace.ToString("N")[^6..].ToUpperInvariant()}-{number:D5}");
}
