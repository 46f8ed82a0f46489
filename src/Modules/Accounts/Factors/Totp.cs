using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel;

namespace Tenet.Accounts.Factors;

/// <summary>Time-based one-time passwords (RFC 6238): HMAC-SHA-1, steps of 30 seconds, six digits, as authenticator apps make them.</summary>
internal static class Totp
{
    public const int SecretLength = 20;
    private const int Digits = 6;
    private const int Modulus = 1_000_000;
    private const long StepSeconds = 30;

    /// <summary>A clock may be wrong by one step.</summary>
    private const long Drift = 1;

    public static byte[] NewSecret() => Secrets.Bytes(SecretLength);

    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;

    public static string CodeAt(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        var offset = hash[^1] & 0xf;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & int.MaxValue;
        return (number % Modulus).ToString(new string('0', Digits), CultureInfo.InvariantCulture);
    }

    /// <summary>The step whose code this is, one step early or late at most.</summary>
    /// <param name="after">The newest step that was used: this one and earlier ones do not count again.</param>
    public static long? Match(byte[] secret, string code, DateTimeOffset now, long after)
    {
        var typed = Encoding.UTF8.GetBytes(code);
        var current = StepAt(now);
        long? found = null;
        for (var step = current - Drift; step <= current + Drift; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(CodeAt(secret, step)), typed) && step > after)
            {
                found ??= step;
            }
        }
        return found;
    }

    /// <summary>What the QR code says, in the form that authenticator apps read.</summary>
    public static string Address(byte[] secret, string account) =>
        $"otpauth://totp/Tenet:{Uri.EscapeDataString(account)}?secret={Base32.Encode(secret)}&issuer=Tenet&algorithm=SHA1&digits={Digits}&period={StepSeconds}";
}
