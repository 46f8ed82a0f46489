using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel;

namespace Tenet.Privacy.Alerts;

/// <summary>
/// What sender and receiver share, by Standard Webhooks: <c>whsec_</c> and 24 to 64 bytes in base64. A message is signed with HMAC-SHA256 over its
/// id, the second of the attempt and the body, with points between.
/// </summary>
internal sealed class WebhookSecret
{
    private const string Prefix = "whsec_";
    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    /// <returns>Null where the text is not such a secret.</returns>
    public static WebhookSecret? Parse(string? text)
    {
        if (text is not { Length: <= 200 } || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        Span<byte> key = stackalloc byte[150];
        return Convert.TryFromBase64String(text[Prefix.Length..], key, out var length) && length is >= 24 and <= 64
            ? new WebhookSecret(key[..length].ToArray())
            : null;
    }

    public static string New() => Prefix + Convert.ToBase64String(Secrets.Bytes(32));

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <param name="timestamp">Seconds since 1970.</param>
    public string Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        byte[] message = [.. head, .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(_key, message));
    }
}
