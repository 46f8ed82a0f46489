using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;

namespace Tenet.Billing.Payments;

/// <summary>Where payment providers tell what was paid. The provider's own proof is the credential.</summary>
internal static class WebhookEndpoints
{
    private const int MaxBody = 256 * 1024;

    public static void MapWebhooks(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/billing/webhooks/{provider}", ReceiveAsync)
            .AllowAnonymous()
            .LimitedBy(RateGroup.Open)
            .ForPeopleOnly()
            .WithTags("Billing");

    private static async Task<IResult> ReceiveAsync(
        string provider,
        HttpContext http,
        IEnumerable<IPaymentProvider> providers,
        ReceivePayment receive,
        CancellationToken ct
    )
    {
        if (providers.FirstOrDefault(known => known.Id == provider) is not { } known)
        {
            return TypedResults.NotFound();
        }
        if (await BodyAsync(http.Request, ct) is not { } body)
        {
            return TypedResults.StatusCode(StatusCodes.Status413PayloadTooLarge);
        }
        try
        {
            var reading = await known.ReadAsync(
                new Webhook(body, name => http.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null),
                ct
            );
            if (!reading.IsGenuine)
            {
                return TypedResults.Problem(
                    title: "This is not shown to be from the provider.",
                    statusCode: StatusCodes.Status400BadRequest
                );
            }
            if (reading.Notice is { } notice)
            {
                await receive.RunAsync(provider, notice, ct);
            }
            return TypedResults.Ok();
        }
        catch (PaymentException)
        {
            // The provider sends it again.
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task<byte[]?> BodyAsync(HttpRequest request, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[8192];
        for (int read; (read = await request.Body.ReadAsync(chunk, ct)) > 0; )
        {
            if (buffer.Length + read > MaxBody)
            {
                return null;
            }
            buffer.Write(chunk, 0, read);
        }
        return buffer.ToArray();
    }
}
