using Tenet.Billing.Payments;

namespace Tenet.Billing;

/// <summary>What the operator sells. Without a package nothing is sold and nothing is counted: turns are free.</summary>
public sealed record BillingOptions
{
    public IReadOnlyList<CreditPackage> Packages { get; init; } = [];

    /// <summary>Credits that an answered turn costs; at most six decimal places.</summary>
    public decimal TurnCredits { get; init; } = 1;

    /// <summary>Credits that a workspace has to begin with.</summary>
    public decimal WelcomeCredits { get; init; }

    /// <summary>Who sells, as receipts say it: name, address and tax number in one line.</summary>
    public string? Seller { get; init; }

    public StripeOptions Stripe { get; init; } = new();
    public PaystackOptions Paystack { get; init; } = new();
    public PayPalOptions PayPal { get; init; } = new();

    internal bool AreSold => Packages.Count > 0;

    /// <exception cref="InvalidOperationException">A value that cannot be meant; the message says which.</exception>
    internal BillingOptions Check()
    {
        Demand(TurnCredits is > 0 and <= 1_000_000, "Billing:TurnCredits is more than 0 and at most 1000000.");
        Demand(WelcomeCredits is >= 0 and <= 1_000_000_000, "Billing:WelcomeCredits is 0 or more.");
        Demand(IsFine(TurnCredits) && IsFine(WelcomeCredits), "Credits have at most six decimal places.");
        foreach (var package in Packages)
        {
            package.Check();
        }
        Demand(
            Packages.Select(package => package.Id).Distinct(StringComparer.Ordinal).Count() == Packages.Count,
            "Each of Billing:Packages has an Id of its own."
        );
        Demand(Seller is not { Length: > 500 }, "Billing:Seller has at most 500 characters.");
        Demand(
            (Stripe.SecretKey is null) == (Stripe.WebhookSecret is null),
            "Billing:Stripe needs both a SecretKey and a WebhookSecret: without the latter nobody could tell what was paid."
        );
        Demand(
            (PayPal.ClientId is null) == (PayPal.Secret is null) && (PayPal.ClientId is null) == (PayPal.WebhookId is null),
            "Billing:PayPal needs a ClientId, a Secret and a WebhookId."
        );
        return this;
    }

    private static bool IsFine(decimal credits) => decimal.Truncate(credits * Billing.Credits.One) == credits * Billing.Credits.One;

    internal static void Demand(bool holds, string says)
    {
        if (!holds)
        {
            throw new InvalidOperationException(says);
        }
    }
}

/// <summary>Credits at a price.</summary>
public sealed record CreditPackage
{
    /// <summary>Lower-case letters, digits and hyphens. Stands in purchases and receipts: never give it to another package.</summary>
    public string Id { get; init; } = "";

    public string Name { get; init; } = "";
    public int Credits { get; init; }

    /// <summary>In the currency's smallest unit, taxes included: 1900 is 19.00 EUR.</summary>
    public long Price { get; init; }

    /// <summary>ISO 4217, upper case.</summary>
    public string Currency { get; init; } = "";

    internal void Check()
    {
        BillingOptions.Demand(
            Id.Length is > 0 and <= 40 && Id.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-'),
            "The Id of a package is of lower-case letters, digits and hyphens, at most 40."
        );
        BillingOptions.Demand(Name.Length is > 0 and <= 80, $"The package {Id} has a Name of at most 80 characters.");
        BillingOptions.Demand(Credits is > 0 and <= 100_000_000, $"The package {Id} has Credits, at most 100 million.");
        BillingOptions.Demand(Price is > 0 and <= 100_000_000, $"The package {Id} has a Price in the currency's smallest unit.");
        BillingOptions.Demand(
            Currency.Length == 3 && Currency.All(char.IsAsciiLetterUpper),
            $"The package {Id} has a Currency such as EUR."
        );
    }
}
