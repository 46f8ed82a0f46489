using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tenet.Billing;
using Tenet.Billing.Payments;

namespace Tenet.Tests.Billing;

/// <summary>Stripe, Paystack and PayPal on loopback, as their documents describe the few calls that are made, and their webhooks.</summary>
internal sealed class FakePayments : IAsyncDisposable
{
    public const string Secret = "sk_test_of_nobody";
    public const string WebhookSecret = "whsec_test_of_nobody";
    private readonly WebApplication _app;
    private int _events;

    private FakePayments(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/checkout/sessions", StripeSessionAsync);
        app.MapGet("/v1/payment_intents/{id}", () => Json(new JsonObject { ["metadata"] = new JsonObject { ["order"] = Order } }));
        app.MapPost("/transaction/initialize", PaystackAsync);
        app.MapPost("/v1/oauth2/token", () => Json(new JsonObject { ["access_token"] = "token" }));
        app.MapPost("/v2/checkout/orders", PayPalOrderAsync);
        app.MapPost("/v2/checkout/orders/{id}/capture", (string id) => Json(Captured(id)));
        app.MapGet("/v2/payments/captures/{id}", () => Json(new JsonObject { ["custom_id"] = Order }));
        app.MapPost("/v1/notifications/verify-webhook-signature", VerifyAsync);
    }

    /// <summary>What we gave with the latest order.</summary>
    public string Order { get; private set; } = "";

    /// <summary>In the smallest unit, as it was asked for.</summary>
    public long Amount { get; private set; }

    public string Reference { get; private set; } = "";

    /// <summary>What the capture of an order at PayPal brings, if not what was asked for.</summary>
    public long? Captures { get; set; }

    public bool IsDown { get; set; }

    public ConcurrentQueue<string> Bodies { get; } = new();

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public BillingOptions Options =>
        new()
        {
            Packages =
            [
                new CreditPackage
                {
                    Id = "small",
                    Name = "Small",
                    Credits = 100,
                    Price = 1900,
                    Currency = "USD",
                },
            ],
            Seller = "Example Ltd, 1 High Street",
            Stripe = new StripeOptions
            {
                SecretKey = Secret,
                WebhookSecret = WebhookSecret,
                Api = Address,
            },
            Paystack = new PaystackOptions { SecretKey = Secret, Api = Address },
            PayPal = new PayPalOptions
            {
                ClientId = "client",
                Secret = Secret,
                WebhookId = "WH-1",
                Api = Address,
            },
        };

    public static async Task<FakePayments> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var fake = new FakePayments(builder.Build());
        fake._app.Use(
            async (http, next) =>
            {
                if (fake.IsDown)
                {
                    http.Response.StatusCode = 500;
                    return;
                }
                await next(http);
            }
        );
        await fake._app.StartAsync();
        return fake;
    }

    /// <summary>A notice as the provider would send it.</summary>
    /// <param name="what">paid, refunded, disputed or won.</param>
    public HttpRequestMessage Notice(string provider, string what, long amount, string currency = "USD", int? number = null)
    {
        var n = (number ?? Interlocked.Increment(ref _events)).ToString(CultureInfo.InvariantCulture);
        var body = provider switch
        {
            "stripe" => Stripe(what, n, amount, currency),
            "paystack" => Paystack(what, n, amount, currency),
            _ => PayPal(what, n, amount, currency),
        };
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/billing/webhooks/" + provider)
        {
            Content = new ByteArrayContent(bytes),
        };
        switch (provider)
        {
            case "stripe":
                request.Headers.Add("Stripe-Signature", Sign(bytes, DateTimeOffset.UtcNow));
                break;
            case "paystack":
                request.Headers.Add("x-paystack-signature", PaystackPayments.Sign(bytes, Secret));
                break;
            default:
                foreach (var name in new[] { "AUTH-ALGO", "CERT-URL", "TRANSMISSION-ID", "TRANSMISSION-SIG", "TRANSMISSION-TIME" })
                {
                    request.Headers.Add("PAYPAL-" + name, "genuine");
                }
                break;
        }
        return request;
    }

    public static string Sign(byte[] body, DateTimeOffset at)
    {
        var t = at.ToUnixTimeSeconds();
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{t}."), .. body];
        return $"t={t},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(WebhookSecret), signed))}";
    }

    private JsonObject Stripe(string what, string n, long amount, string currency)
    {
        var about = new JsonObject
        {
            ["id"] = Reference,
            ["payment_status"] = "paid",
            ["payment_intent"] = "pi_1",
            ["currency"] = currency.ToLowerInvariant(),
            ["amount"] = amount,
            ["amount_total"] = amount,
            ["amount_refunded"] = amount,
            ["status"] = "won",
            ["metadata"] = new JsonObject { ["order"] = Order },
        };
        return new JsonObject
        {
            ["id"] = "evt_" + n,
            ["type"] = what switch
            {
                "paid" => "checkout.session.completed",
                "refunded" => "charge.refunded",
                "disputed" => "charge.dispute.created",
                _ => "charge.dispute.closed",
            },
            ["data"] = new JsonObject { ["object"] = about },
        };
    }

    private JsonObject Paystack(string what, string n, long amount, string currency)
    {
        var transaction = new JsonObject
        {
            ["reference"] = Order,
            ["amount"] = amount,
            ["currency"] = currency,
        };
        return new JsonObject
        {
            ["event"] = what switch
            {
                "paid" => "charge.success",
                "refunded" => "refund.processed",
                "disputed" => "charge.dispute.create",
                _ => "charge.dispute.resolve",
            },
            ["data"] = new JsonObject
            {
                ["id"] = long.Parse(n, CultureInfo.InvariantCulture),
                ["status"] = "success",
                ["resolution"] = "declined",
                ["reference"] = Order,
                ["transaction_reference"] = Order,
                ["amount"] = amount.ToString(CultureInfo.InvariantCulture),
                ["currency"] = currency,
                ["transaction"] = transaction,
            },
        };
    }

    private JsonObject PayPal(string what, string n, long amount, string currency)
    {
        var money = new JsonObject { ["currency_code"] = currency, ["value"] = MinorUnits.Write(amount, currency) };
        return new JsonObject
        {
            ["id"] = "WH-" + n,
            ["event_type"] = what switch
            {
                "paid" => "PAYMENT.CAPTURE.COMPLETED",
                "approved" => "CHECKOUT.ORDER.APPROVED",
                "refunded" => "PAYMENT.CAPTURE.REFUNDED",
                "disputed" => "CUSTOMER.DISPUTE.CREATED",
                _ => "CUSTOMER.DISPUTE.RESOLVED",
            },
            ["resource"] = new JsonObject
            {
                ["id"] = Reference,
                ["custom_id"] = Order,
                ["amount"] = money,
                ["dispute_amount"] = money.DeepClone(),
                ["dispute_outcome"] = new JsonObject { ["outcome_code"] = "RESOLVED_SELLER_FAVOUR" },
                ["disputed_transactions"] = new JsonArray(new JsonObject { ["seller_transaction_id"] = "CAP1" }),
                ["supplementary_data"] = new JsonObject { ["related_ids"] = new JsonObject { ["order_id"] = Reference } },
            },
        };
    }

    private JsonObject Captured(string id) =>
        new()
        {
            ["purchase_units"] = new JsonArray(
                new JsonObject
                {
                    ["payments"] = new JsonObject
                    {
                        ["captures"] = new JsonArray(
                            new JsonObject
                            {
                                ["id"] = "CAP" + id,
                                ["status"] = "COMPLETED",
                                ["custom_id"] = Order,
                                ["amount"] = new JsonObject
                                {
                                    ["currency_code"] = "USD",
                                    ["value"] = MinorUnits.Write(Captures ?? Amount, "USD"),
                                },
                            }
                        ),
                    },
                }
            ),
        };

    private async Task<IResult> StripeSessionAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        Bodies.Enqueue(string.Join('&', form.Select(field => $"{field.Key}={field.Value}")));
        Order = form["payment_intent_data[metadata][order]"].ToString();
        Amount = long.Parse(form["line_items[0][price_data][unit_amount]"].ToString(), CultureInfo.InvariantCulture);
        Reference = "cs_test_1";
        return request.Headers.Authorization == "Bearer " + Secret
            ? Json(new JsonObject { ["id"] = Reference, ["url"] = "https://checkout.stripe.com/c/pay/cs_test_1" })
            : TypedResults.Unauthorized();
    }

    private async Task<IResult> PaystackAsync(HttpRequest request)
    {
        var body = (await JsonNode.ParseAsync(request.Body))!;
        Bodies.Enqueue(body.ToJsonString());
        Order = Reference = body["reference"]!.GetValue<string>();
        Amount = body["amount"]!.GetValue<long>();
        return Json(
            new JsonObject
            {
                ["status"] = true,
                ["data"] = new JsonObject { ["authorization_url"] = "https://checkout.paystack.com/1" },
            }
        );
    }

    private async Task<IResult> PayPalOrderAsync(HttpRequest request)
    {
        var body = (await JsonNode.ParseAsync(request.Body))!;
        Bodies.Enqueue(body.ToJsonString());
        var unit = body["purchase_units"]![0]!;
        Order = unit["custom_id"]!.GetValue<string>();
        Amount = MinorUnits.Read(unit["amount"]!["value"]!.GetValue<string>(), "USD")!.Value;
        Reference = "ORDER1";
        return Json(
            new JsonObject
            {
                ["id"] = Reference,
                ["links"] = new JsonArray(
                    new JsonObject { ["rel"] = "payer-action", ["href"] = "https://www.paypal.com/checkoutnow?token=ORDER1" }
                ),
            }
        );
    }

    private static async Task<IResult> VerifyAsync(HttpRequest request)
    {
        var body = (await JsonNode.ParseAsync(request.Body))!;
        var genuine = body["transmission_sig"]!.GetValue<string>() == "genuine" && body["webhook_id"]!.GetValue<string>() == "WH-1";
        return Json(new JsonObject { ["verification_status"] = genuine ? "SUCCESS" : "FAILURE" });
    }

    private static IResult Json(JsonObject json) => TypedResults.Text(json.ToJsonString(), "application/json");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
