namespace Tenet.Billing.Payments;

/// <summary>An account at Stripe. Without a secret key it takes no payments.</summary>
public sealed class StripeOptions
{
    public string? SecretKey { get; init; }

    /// <summary>Of the endpoint <c>/api/billing/webhooks/stripe</c>, as Stripe shows it: <c>whsec_…</c>.</summary>
    public string? WebhookSecret { get; init; }

    public Uri Api { get; init; } = new("https://api.stripe.com");
}

/// <summary>An account at Paystack. Its secret key also signs the webhooks.</summary>
public sealed class PaystackOptions
{
    public string? SecretKey { get; init; }
    public Uri Api { get; init; } = new("https://api.paystack.co");
}

/// <summary>An application at PayPal.</summary>
public sealed class PayPalOptions
{
    public string? ClientId { get; init; }
    public string? Secret { get; init; }

    /// <summary>Of the webhook to <c>/api/billing/webhooks/paypal</c>, as PayPal shows it.</summary>
    public string? WebhookId { get; init; }

    public Uri Api { get; init; } = new("https://api-m.paypal.com");
}
