using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Tenet.Billing.Payments;

/// <summary>Stripe Checkout: a session per purchase, paid on Stripe's page. https://docs.stripe.com/api/checkout/sessions</summary>
internal sealed class StripePayments(StripeOptions options, PaymentCalls calls, TimeProvider time) : IPaymentProvider
{
    private const string Key = "order";

    public string Id => "stripe";
    public string Title => "Stripe";
    public Uri Api => options.Api;

    public bool Takes(string currency) => true;

    public async Task<Checkout> BeginAsync(Order order, CancellationToken ct)
    {
        var key = OrderKey.Write(order.WorkspaceId, order.PurchaseId);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["mode"] = "payment",
                ["line_items[0][quantity]"] = "1",
                ["line_items[0][price_data][currency]"] = order.Package.Currency.ToLowerInvariant(),
                ["line_items[0][price_data][unit_amount]"] = order.Package.Price.ToString(CultureInfo.InvariantCulture),
                ["line_items[0][price_data][product_data][name]"] = order.Package.Name,
                ["success_url"] = order.Done.ToString(),
                ["cancel_url"] = order.Cancelled.ToString(),
                ["client_reference_id"] = key,
                [$"metadata[{Key}]"] = key,
                // Refunds and disputes are told of the payment, not of the session.
                [$"payment_intent_data[metadata][{Key}]"] = key,
            }
        );
        var session = await SendAsync(HttpMethod.Post, "/v1/checkout/sessions", form, ct, ("Idempotency-Key", order.PurchaseId.ToString()));
        return session.Text("id") is { Length: > 0 and <= 200 } id && Uri.TryCreate(session.Text("url"), UriKind.Absolute, out var page)
            ? new Checkout(id, page)
            : throw new PaymentException(Title);
    }

    public async Task<WebhookReading> ReadAsync(Webhook webhook, CancellationToken ct)
    {
        if (!StripeSignature.Verify(webhook.Header("Stripe-Signature"), webhook.Body, options.WebhookSecret ?? "", time.GetUtcNow()))
        {
            return WebhookReading.Forged;
        }
        var json = PaymentJson.Parse(webhook.Body);
        var about = json.At("data", "object");
        if (json.Text("id") is not { Length: > 0 and <= 200 } id || about is null)
        {
            return WebhookReading.Ignored;
        }
        return json.Text("type") switch
        {
            "checkout.session.completed" when about.Text("payment_status") is "paid" => Session(id, PaymentEvent.Paid, about),
            "checkout.session.async_payment_succeeded" => Session(id, PaymentEvent.Paid, about),
            "checkout.session.expired" or "checkout.session.async_payment_failed" => Session(id, PaymentEvent.Expired, about),
            "charge.refunded" => Of(id, PaymentEvent.Refunded, about.Text("metadata", Key), null, about, "amount_refunded", isTotal: true),
            "charge.dispute.created" => await DisputeAsync(id, PaymentEvent.Disputed, about, ct),
            "charge.dispute.closed" when about.Text("status") is "won" => await DisputeAsync(id, PaymentEvent.DisputeWon, about, ct),
            _ => WebhookReading.Ignored,
        };
    }

    private static WebhookReading Session(string id, PaymentEvent what, JsonNode session) =>
        Of(id, what, session.Text("metadata", Key), session.Text("id"), session, "amount_total");

    // A dispute does not carry what we gave the payment.
    private async Task<WebhookReading> DisputeAsync(string id, PaymentEvent what, JsonNode dispute, CancellationToken ct)
    {
        if (dispute.Text("payment_intent") is not { Length: > 0 } payment || !payment.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            return WebhookReading.Ignored;
        }
        var intent = await SendAsync(HttpMethod.Get, "/v1/payment_intents/" + payment, null, ct);
        return Of(id, what, intent.Text("metadata", Key), null, dispute, "amount");
    }

    private static WebhookReading Of(
        string id,
        PaymentEvent what,
        string? key,
        string? reference,
        JsonNode about,
        string amount,
        bool isTotal = false
    ) =>
        OrderKey.Read(key) is { } order && about.Number(amount) is { } paid && about.Text("currency") is { Length: 3 } currency
            ? new WebhookReading(
                true,
                new PaymentNotice(id, what, order.Workspace, order.Purchase, reference, paid, currency.ToUpperInvariant())
                {
                    IsTotal = isTotal,
                }
            )
            : WebhookReading.Ignored;

    private Task<JsonNode> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? content,
        CancellationToken ct,
        params (string, string)[] headers
    ) =>
        calls.SendAsync(
            Title,
            method,
            new Uri(options.Api, path),
            new AuthenticationHeaderValue("Bearer", options.SecretKey),
            content,
            ct,
            headers
        );
}
