using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Tenet.Odoo.Tenants;

/// <summary>A public P-256 key as JWK (RFC 7517).</summary>
internal sealed record EcJwk(
    [property: JsonPropertyName("kty")] string? Type,
    [property: JsonPropertyName("crv")] string? Curve,
    [property: JsonPropertyName("x")] string? X,
    [property: JsonPropertyName("y")] string? Y
);

/// <summary>ECDSA on P-256 with SHA-256; signatures are r‖s, 64 bytes, as ES256 has them.</summary>
internal static class EcKey
{
    public const int SignatureLength = 64;
    private const int Coordinate = 32;

    /// <returns>SubjectPublicKeyInfo, or null when this is no point on P-256.</returns>
    public static byte[]? Read(EcJwk? jwk)
    {
        if (jwk is not { Type: "EC", Curve: "P-256" } || Decode(jwk.X) is not { } x || Decode(jwk.Y) is not { } y)
        {
            return null;
        }
        try
        {
            using var key = ECDsa.Create(
                new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = x, Y = y },
                }
            );
            return key.ExportSubjectPublicKeyInfo();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public static EcJwk Write(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new EcJwk("EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
    }

    public static ECDsa Public(byte[] subjectPublicKeyInfo)
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return key;
    }

    public static ECDsa Private(byte[] pkcs8)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return key;
    }

    private static byte[]? Decode(string? text)
    {
        if (text is not { Length: 43 } || !Base64Url.IsValid(text))
        {
            return null;
        }
        var bytes = Base64Url.DecodeFromChars(text);
        return bytes.Length == Coordinate ? bytes : null;
    }
}
