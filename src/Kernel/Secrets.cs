using System.Buffers.Text;
using System.Security.Cryptography;

namespace Tenet.Kernel;

/// <summary>The only source of randomness. Everything here is cryptographically strong.</summary>
public static class Secrets
{
    public static byte[] Bytes(int count) => RandomNumberGenerator.GetBytes(count);

    public static void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);

    /// <summary>An unguessable text in base64url; 32 bytes make 43 characters.</summary>
    public static string Token(int bytes = 32) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    /// <summary>A number from 0 to <paramref name="limit"/> − 1.</summary>
    public static int Below(int limit) => RandomNumberGenerator.GetInt32(limit);

    /// <summary>Spreads a delay over ±25 % so that retries do not march in step.</summary>
    public static TimeSpan Jitter(TimeSpan delay) => delay * (0.75 + (RandomNumberGenerator.GetInt32(501) / 1000d));

    /// <summary>SHA-256 of a token, for storage and look-up: the token itself is never stored.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token));
}
