using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.Http;

namespace Tenet.Inbox.Widget;

/// <summary>
/// Who the customer's site says its visitor is. <paramref name="Signature"/>: lower-case hex of HMAC-SHA256, under the widget's identity
/// secret, over <c>id LF email LF name LF issuedAt</c> (absent ones empty, issuedAt in unix seconds).
/// </summary>
internal sealed record SignedIdentity(string Id, string? Email, string? Name, long IssuedAt, string Signature)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public static string Sign(string secret, string id, string? email, string? name, long issuedAt) =>
        Convert.ToHexStringLower(
            HMACSHA256.HashData(
                Encoding.UTF8.GetBytes(secret),
                Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}\n{email}\n{name}\n{issuedAt}"))
            )
        );

    /// <param name="life">How old the signature may be.</param>
    /// <exception cref="RuleException">Not signed with the secret, or too old to be believed.</exception>
    public void Verify(string? secret, TimeSpan life, DateTimeOffset now)
    {
        var validation = new Validation();
        validation.Text("identity.id", Id, 200);
        validation.Check((Email?.Length ?? 0) <= 254, "identity.email", "At most 254 characters, please.");
        validation.Check((Name?.Length ?? 0) <= 200, "identity.name", "At most 200 characters, please.");
        validation.Throw();
        var age = now.ToUnixTimeSeconds() - IssuedAt;
        if (age > life.TotalSeconds || age < -ClockSkew.TotalSeconds)
        {
            throw new RuleException("identity.issuedAt", "The signature is too old or from the future: sign on each page view.");
        }
        var right = secret is null ? null : Sign(secret, Id, Email, Name, IssuedAt);
        if (
            right is null
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(right), Encoding.UTF8.GetBytes(Signature ?? ""))
        )
        {
            throw new RuleException(
                "identity.signature",
                "The signature does not fit. Check the secret and the order of the signed fields."
            );
        }
    }
}
