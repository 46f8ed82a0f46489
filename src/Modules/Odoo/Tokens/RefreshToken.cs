using System.Buffers.Binary;
using System.Buffers.Text;
using Tenet.Kernel.Vault;

namespace Tenet.Odoo.Tokens;

/// <summary>Grant and generation under this installation's HMAC: which one is good, the grant's row says; no token is stored.</summary>
internal sealed class RefreshTokens(InstallationVault vault)
{
    private const string Use = "copilot refresh token";
    private const int Payload = 16 + 16 + 4;
    private const int Length = Payload + 32;

    public string Issue(Guid workspaceId, Guid grant, int generation)
    {
        Span<byte> token = stackalloc byte[Length];
        workspaceId.TryWriteBytes(token, bigEndian: true, out _);
        grant.TryWriteBytes(token[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(token[32..], generation);
        vault.Sign(Use, token[..Payload]).CopyTo(token[Payload..]);
        return Base64Url.EncodeToString(token);
    }

    /// <returns>The generation; null when this is no refresh token of this grant.</returns>
    public int? Read(string? text, Guid workspaceId, Guid grant)
    {
        Span<byte> token = stackalloc byte[Length];
        return
            text is not null
            && text.Length == Base64Url.GetEncodedLength(Length)
            && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, token, out var written)
            && written == Length
            && vault.Verify(Use, token[..Payload], token[Payload..])
            && new Guid(token[..16], bigEndian: true) == workspaceId
            && new Guid(token.Slice(16, 16), bigEndian: true) == grant
            ? BinaryPrimitives.ReadInt32BigEndian(token[32..])
            : null;
    }
}
