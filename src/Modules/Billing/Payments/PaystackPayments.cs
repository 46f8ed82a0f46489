using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Tenet.Billing.Payments;

/// <summary>
/// Paystack: a transaction per purchase, under a reference of ours. Webhooks carry HMAC-SHA512 of the body under the secret key, without a time:
/// what is sent again is known by its id. https://paystack.com/docs/api/transaction
/// </summary>
internal sealed class PaystackPayments(PaystackOptions options, PaymentCalls calls) : IPaymentProvider
{
    private static readonly string[] Currencies = ["NGN", "GHS", "ZAR", "KES", "USD", "XOF", "EGP"];

    public string Id => "paystack";
    public string Title => "Paystack";
    public Uri Api => options.Api;

    public bool Takes(string currency) => Currencies.Contains(currency, StringComparer.Ordinal);

    public async Task<Checkout> BeginAsync(Order order, CancellationToken ct)
    {
        var key = OrderKey.Write(order.WorkspaceId, order.PurchaseId);
        using var content = JsonContent.Create(
            new
            {
                email = order.Email,
                amount = order.Package.Price,
                currency = order.Package.Currency,
                reference = key,
                callback_url = order.Done,
            }
        );
        var answer = await calls.SendAsync(
            Title,
            HttpMethod.Post,
            new Uri(options.Api, "/transaction/initialize"),
            new AuthenticationHeaderValue("Bearer", options.SecretKey),
            content,
            ct
        );
        return Uri.TryCreate(answer.Text("data", "authorization_url"), UriKind.Absolute, out var page)
            ? new Checkout(key, page)
            : throw new PaymentException(Title);
    }

    public Task<WebhookReading> ReadAsync(Webhook webhook, CancellationToken ct) => Task.FromResult(Read(webhook));

    internal static string Sign(byte[] body, string secret) =>
        Convert.ToHexStringLower(HMACSHA512.HashData(Encoding.UTF8.GetBytes(secret), body));

    private WebhookReading Read(Webhook webhook)
    {
        var signature = webhook.Header("x-paystack-signature") ?? "";
        if (
            !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(signature),
                Encoding.UTF8.GetBytes(Sign(webhook.Body, options.SecretKey ?? ""))
            )
        )
        {
            return WebhookReading.Forged;
        }
        var json = PaymentJson.Parse(webhook.Body);
        var data = json.At("data");
        return json.Text("event") switch
        {
            "charge.success" when data.Text("status") is "success" => Of(PaymentEvent.Paid, data, data.Text("reference"), data),
            "refund.processed" => Of(PaymentEvent.Refunded, data, data.Text("transaction_reference"), data),
            "charge.dispute.create" => Of(PaymentEvent.Disputed, data, data.Text("transaction", "reference"), data.At("transaction")),
            "charge.dispute.resolve" when data.Text("resolution") is "declined" => Of(
                PaymentEvent.DisputeWon,
                data,
                data.Text("transaction", "reference"),
                data.At("transaction")
            ),
            _ => WebhookReading.Ignored,
        };
    }

    // The notices have no id of their own; what they are about has one.
    private static WebhookReading Of(PaymentEvent what, JsonNode? data, string? reference, JsonNode? money) =>
        OrderKey.Read(reference) is { } order
        && (data.Number("id")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? data.Text("refund_reference"))
            is { Length: <= 100 } id
        && money.Number("amount") is { } amount
        && money.Text("currency") is { Length: 3 } currency
            ? new WebhookReading(
                true,
                new PaymentNotice($"{what}:{id}", what, order.Workspace, order.Purchase, reference, amount, currency.ToUpperInvariant())
            )
            : WebhookReading.Ignored;
}
