namespace Tenet.Billing.Payments;

/// <summary>Something that is to be paid.</summary>
/// <param name="Email">Of who buys: only for a provider that asks for it.</param>
/// <param name="Done">Where the provider sends the buyer back to. Nothing is believed of that: only its signed notice counts.</param>
internal sealed record Order(Guid WorkspaceId, Guid PurchaseId, CreditPackage Package, string Email, Uri Done, Uri Cancelled);

/// <param name="Reference">The provider's own name of the payment.</param>
/// <param name="Page">Where the buyer pays: a page of the provider, which alone sees cards.</param>
internal sealed record Checkout(string Reference, Uri Page);

internal enum PaymentEvent
{
    Paid,
    Refunded,
    Disputed,
    DisputeWon,

    /// <summary>It was not paid, and will not be.</summary>
    Expired,
}

/// <summary>What a provider said about a payment, once it was shown to be the provider's word.</summary>
/// <param name="EventId">The same notice comes several times with the same one.</param>
/// <param name="Reference">Of the checkout; null where the notice does not name it.</param>
/// <param name="Amount">In the currency's smallest unit. Of a refund: what went back.</param>
/// <param name="Currency">ISO 4217, upper case.</param>
internal sealed record PaymentNotice(
    string EventId,
    PaymentEvent Event,
    Guid WorkspaceId,
    Guid PurchaseId,
    string? Reference,
    long Amount,
    string Currency
)
{
    /// <summary>The amount is all that went back so far, not what went back now.</summary>
    public bool IsTotal { get; init; }
}

/// <param name="Body">As it arrived, byte by byte.</param>
internal sealed record Webhook(byte[] Body, Func<string, string?> Header);

/// <param name="IsGenuine">By the provider's own proof. What is not is refused.</param>
/// <param name="Notice">Null when it says nothing that we act on.</param>
internal readonly record struct WebhookReading(bool IsGenuine, PaymentNotice? Notice)
{
    public static readonly WebhookReading Forged = new(false, null);
    public static readonly WebhookReading Ignored = new(true, null);
}

/// <summary>Somebody who takes payments. Prices and credits are the package's; a provider says only whether they were paid.</summary>
internal interface IPaymentProvider
{
    /// <summary>As in the webhook's address and the purchase: <c>stripe</c>.</summary>
    string Id { get; }

    string Title { get; }

    /// <summary>Whom it calls.</summary>
    Uri Api { get; }

    bool Takes(string currency);

    /// <exception cref="PaymentException">The provider did not answer as it should.</exception>
    Task<Checkout> BeginAsync(Order order, CancellationToken ct);

    /// <exception cref="PaymentException">The provider has to be asked, and did not answer as it should.</exception>
    Task<WebhookReading> ReadAsync(Webhook webhook, CancellationToken ct);
}

/// <summary>A provider of payments cannot be reached or answers what it should not. The message holds nothing of the answer.</summary>
internal sealed class PaymentException(string provider, Exception? inner = null)
    : Exception($"{provider} does not answer as it should.", inner);
