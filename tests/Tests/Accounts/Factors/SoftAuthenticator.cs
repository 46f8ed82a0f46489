using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tenet.Tests.Accounts.Factors;

/// <summary>An authenticator in memory (WebAuthn level 3, ES256, no attestation) that can be told to lie.</summary>
internal sealed class SoftAuthenticator : IDisposable
{
    private const byte Present = 0x01;
    private const byte Verified = 0x04;
    private const byte HasCredential = 0x40;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);
    private string? _user;

    public uint Count { get; set; } = 1;

    /// <summary>What the browser would say of the page.</summary>
    public required string Origin { get; set; }

    /// <summary>Whether it asked for finger, face or PIN.</summary>
    public bool Verifies { get; set; } = true;

    public string Create(string options)
    {
        using var asked = JsonDocument.Parse(options);
        var root = asked.RootElement;
        _user = root.GetProperty("user").GetProperty("id").GetString();
        var point = _key.ExportParameters(false).Q;
        byte[] cose = [0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
        byte[] data =
        [
            .. Head(root.GetProperty("rp").GetProperty("id").GetString()!, HasCredential),
            .. new byte[16],
            0,
            (byte)_id.Length,
            .. _id,
            .. cose,
        ];
        byte[] attestation =
        [
            0xa3,
            0x63,
            .. "fmt"u8,
            0x64,
            .. "none"u8,
            0x67,
            .. "attStmt"u8,
            0xa0,
            0x68,
            .. "authData"u8,
            0x58,
            (byte)data.Length,
            .. data,
        ];
        return Credential(
            new
            {
                clientDataJSON = Text(Client("webauthn.create", root)),
                attestationObject = Text(attestation),
                transports = new[] { "internal" },
            }
        );
    }

    /// <param name="tamper">Changes what was signed after it was signed.</param>
    public string Get(string options, Action<byte[]>? tamper = null)
    {
        using var asked = JsonDocument.Parse(options);
        Count++;
        var data = Head(asked.RootElement.GetProperty("rpId").GetString()!, 0);
        var client = Client("webauthn.get", asked.RootElement);
        var signature = _key.SignData(
            [.. data, .. SHA256.HashData(client)],
            HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence
        );
        tamper?.Invoke(data);
        return Credential(
            new
            {
                clientDataJSON = Text(client),
                authenticatorData = Text(data),
                signature = Text(signature),
                userHandle = _user,
            }
        );
    }

    private string Credential(object response) =>
        JsonSerializer.Serialize(
            new
            {
                id = Text(_id),
                rawId = Text(_id),
                type = "public-key",
                clientExtensionResults = new { },
                response,
            }
        );

    private byte[] Head(string relyingParty, byte flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Count);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(relyingParty)), (byte)(Present | (Verifies ? Verified : 0) | flags), .. count];
    }

    private byte[] Client(string type, JsonElement options) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                type,
                challenge = options.GetProperty("challenge").GetString(),
                origin = Origin,
                crossOrigin = false,
            }
        );

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);

    public void Dispose() => _key.Dispose();
}
