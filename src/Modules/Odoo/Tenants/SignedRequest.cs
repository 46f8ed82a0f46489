using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tenet.Odoo.Tenants;

/// <summary>
/// The signature of a request between the two servers: <c>Tenet-Signature: v1;kid=…;t=…;n=…;s=…</c> over tenant, method, path, time, nonce,
/// body and user's token. See docs/odoo.md.
/// </summary>
internal sealed record SignedRequest(string Kid, long Time, string Nonce, byte[] Signature)
{
    public const string Header = "Tenet-Signature";
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);
    private const int MaxLength = 400;

    public static SignedRequest? Read(string? header)
    {
        if (header is not { Length: > 0 and <= MaxLength } || header.Split(';') is not ["v1", var kid, var t, var n, var s])
        {
            return null;
        }
        return
            Value(kid, "kid=") is { Length: > 0 and <= 64 } key
            && Value(t, "t=") is { } seconds
            && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && Value(n, "n=") is { Length: >= 22 and <= 43 } nonce
            && Base64Url.IsValid(nonce)
            && Value(s, "s=") is { Length: 86 } signature
            && Base64Url.IsValid(signature)
            ? new SignedRequest(key, time, nonce, Base64Url.DecodeFromChars(signature))
            : null;
    }

    public bool IsFresh(DateTimeOffset now) => Math.Abs(now.ToUnixTimeSeconds() - Time) <= Skew.TotalSeconds;

    /// <summary>What is remembered so that the same request is not taken twice.</summary>
    public Guid Once => new(SHA256.HashData(Encoding.ASCII.GetBytes(Kid + ";" + Nonce)).AsSpan(0, 16));

    /// <param name="tenant">"-" when there is none yet.</param>
    /// <param name="token">The user's token, or null.</param>
    public static byte[] Text(
        string tenant,
        string method,
        string pathAndQuery,
        long time,
        string nonce,
        ReadOnlySpan<byte> body,
        string? token
    ) =>
        Encoding.UTF8.GetBytes(
            string.Join(
                '\n',
                "tenet-request-v1",
                tenant,
                method,
                pathAndQuery,
                time.ToString(CultureInfo.InvariantCulture),
                nonce,
                Convert.ToHexStringLower(SHA256.HashData(body)),
                token is null ? "-" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))
            )
        );

    public static string Write(string kid, long time, string nonce, byte[] signature) =>
        string.Create(CultureInfo.InvariantCulture, $"v1;kid={kid};t={time};n={nonce};s={Base64Url.EncodeToString(signature)}");

    private static string? Value(string part, string name) => part.StartsWith(name, StringComparison.Ordinal) ? part[name.Length..] : null;
}
