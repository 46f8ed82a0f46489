using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Tenet.Billing.Payments;

/// <summary>
/// PayPal: an order per purchase, captured when the buyer has approved it. Webhooks are shown to be PayPal's by asking PayPal.
/// https://developer.paypal.com/docs/api/orders/v2
/// </summary>
internal sealed class PayPalPayments(PayPalOptions options, PaymentCalls calls) : IPaymentProvider
{
    // Whose decimal places PayPal counts otherwise than ISO 4217.
    private static readonly string[] NotTaken = ["HUF", "TWD"];

    public string Id => "paypal";
    public string Title => "PayPal";
    public Uri Api => options.Api;

    public bool Takes(string currency) => !NotTaken.Contains(currency, StringComparer.Ordinal);

    public async Task<Checkout> BeginAsync(Order order, CancellationToken ct)
    {
        var package = order.Package;
        var key = OrderKey.Write(order.WorkspaceId, order.PurchaseId);
        var body = new JsonObject
        {
            ["intent"] = "CAPTURE",
            ["purchase_units"] = new JsonArray(
                new JsonObject
                {
                    ["custom_id"] = key,
                    ["description"] = package.Name,
                    ["amount"] = new JsonObject
                    {
                        ["currency_code"] = package.Currency,
                        ["value"] = MinorUnits.Write(package.Price, package.Currency),
                    },
                }
            ),
            ["payment_source"] = new JsonObject
            {
                ["paypal"] = new JsonObject
                {
                    ["experience_context"] = new JsonObject
                    {
                        ["user_action"] = "PAY_NOW",
                        ["shipping_preference"] = "NO_SHIPPING",
                        ["return_url"] = order.Done.ToString(),
                        ["cancel_url"] = order.Cancelled.ToString(),
                    },
                },
            },
        };
        var made = await SendAsync(HttpMethod.Post, "/v2/checkout/orders", body, ct, ("PayPal-Request-Id", order.PurchaseId.ToString()));
        var page = (made.At("links") as JsonArray)?.FirstOrDefault(link => link.Text("rel") is "payer-action" or "approve").Text("href");
        return made.Text("id") is { Length: > 0 and <= 200 } id && Uri.TryCreate(page, UriKind.Absolute, out var address)
            ? new Checkout(id, address)
            : throw new PaymentException(Title);
    }

    public async Task<WebhookReading> ReadAsync(Webhook webhook, CancellationToken ct)
    {
        var json = PaymentJson.Parse(webhook.Body);
        if (json.Text("id") is not { Length: > 0 and <= 200 } id || !await IsGenuineAsync(webhook, json!, ct))
        {
            return WebhookReading.Forged;
        }
        var about = json.At("resource");
        return json.Text("event_type") switch
        {
            "CHECKOUT.ORDER.APPROVED" => await CaptureAsync(id, about.Text("id"), ct),
            "PAYMENT.CAPTURE.COMPLETED" => Of(
                id,
                PaymentEvent.Paid,
                about.Text("custom_id"),
                about.Text("supplementary_data", "related_ids", "order_id"),
                about.At("amount")
            ),
            "PAYMENT.CAPTURE.REFUNDED" or "PAYMENT.CAPTURE.REVERSED" => Of(
                id,
                PaymentEvent.Refunded,
                about.Text("custom_id"),
                null,
                about.At("amount")
            ),
            "CUSTOMER.DISPUTE.CREATED" => await DisputeAsync(id, PaymentEvent.Disputed, about, ct),
            "CUSTOMER.DISPUTE.RESOLVED" when about.Text("dispute_outcome", "outcome_code") is "RESOLVED_SELLER_FAVOUR" =>
                await DisputeAsync(id, PaymentEvent.DisputeWon, about, ct),
            _ => WebhookReading.Ignored,
        };
    }

    private async Task<bool> IsGenuineAsync(Webhook webhook, JsonNode body, CancellationToken ct)
    {
        var question = new JsonObject
        {
            ["auth_algo"] = webhook.Header("PAYPAL-AUTH-ALGO"),
            ["cert_url"] = webhook.Header("PAYPAL-CERT-URL"),
            ["transmission_id"] = webhook.Header("PAYPAL-TRANSMISSION-ID"),
            ["transmission_sig"] = webhook.Header("PAYPAL-TRANSMISSION-SIG"),
            ["transmission_time"] = webhook.Header("PAYPAL-TRANSMISSION-TIME"),
            ["webhook_id"] = options.WebhookId,
            ["webhook_event"] = body.DeepClone(),
        };
        // Without them there is nothing to ask about.
        return question.All(member => member.Value is not null)
            && (await SendAsync(HttpMethod.Post, "/v1/notifications/verify-webhook-signature", question, ct)).Text("verification_status")
                is "SUCCESS";
    }

    private async Task<WebhookReading> CaptureAsync(string id, string? order, CancellationToken ct)
    {
        if (order is not { Length: > 0 and <= 200 } || !order.All(char.IsAsciiLetterOrDigit))
        {
            return WebhookReading.Ignored;
        }
        var captured = await SendAsync(
            HttpMethod.Post,
            $"/v2/checkout/orders/{order}/capture",
            new JsonObject(),
            ct,
            ("PayPal-Request-Id", "capture-" + order)
        );
        var capture = captured.At("purchase_units").First().At("payments", "captures").First();
        return capture.Text("status") is "COMPLETED"
            ? Of(id, PaymentEvent.Paid, capture.Text("custom_id"), order, capture.At("amount"))
            : WebhookReading.Ignored;
    }

    private async Task<WebhookReading> DisputeAsync(string id, PaymentEvent what, JsonNode? dispute, CancellationToken ct)
    {
        var capture = dispute.At("disputed_transactions").First().Text("seller_transaction_id");
        if (capture is not { Length: > 0 and <= 200 } || !capture.All(char.IsAsciiLetterOrDigit))
        {
            return WebhookReading.Ignored;
        }
        var paid = await SendAsync(HttpMethod.Get, "/v2/payments/captures/" + capture, null, ct);
        return Of(id, what, paid.Text("custom_id"), null, dispute.At("dispute_amount"));
    }

    private static WebhookReading Of(string id, PaymentEvent what, string? key, string? reference, JsonNode? money) =>
        OrderKey.Read(key) is { } order
        && money.Text("currency_code") is { Length: 3 } currency
        && MinorUnits.Read(money.Text("value"), currency) is { } amount
            ? new WebhookReading(true, new PaymentNotice(id, what, order.Workspace, order.Purchase, reference, amount, currency))
            : WebhookReading.Ignored;

    private async Task<JsonNode> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body,
        CancellationToken ct,
        params (string, string)[] headers
    )
    {
        using var login = new FormUrlEncodedContent([new KeyValuePair<string, string>("grant_type", "client_credentials")]);
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.ClientId}:{options.Secret}"));
        var token = await calls.SendAsync(
            Title,
            HttpMethod.Post,
            new Uri(options.Api, "/v1/oauth2/token"),
            new AuthenticationHeaderValue("Basic", basic),
            login,
            ct
        );
        using var content = body is null ? null : JsonContent.Create(body);
        return await calls.SendAsync(
            Title,
            method,
            new Uri(options.Api, path),
            new AuthenticationHeaderValue("Bearer", token.Text("access_token") ?? throw new PaymentException(Title)),
            content,
            ct,
            headers
        );
    }
}
