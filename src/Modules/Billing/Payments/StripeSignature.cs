using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tenet.Billing.Payments;

/// <summary>
/// Stripe's header <c>Stripe-Signature</c>: <c>t=1533204620,v1=hex,…</c>, where v1 is HMAC-SHA256 of <c>t.body</c>. Several v1 may stand while a
/// secret is changed; other schemes do not count.
/// </summary>
internal static class StripeSignature
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public static bool Verify(string? header, ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        string? time = null;
        var signatures = new List<string>();
        foreach (var part in (header ?? "").Split(','))
        {
            switch (part.Split('=', 2))
            {
                case ["t", var t] when time is null:
                    time = t;
                    break;
                case ["v1", var signature]:
                    signatures.Add(signature);
                    break;
            }
        }
        if (
            !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - (decimal)seconds) > (decimal)Tolerance.TotalSeconds
        )
        {
            return false;
        }
        byte[] signed = [.. Encoding.ASCII.GetBytes(time + "."), .. body];
        var expected = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed)));
        return signatures.Any(signature => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), expected));
    }
}
