using System.Buffers.Binary;
using System.Buffers.Text;
using Tenet.Kernel.Vault;

namespace Tenet.Inbox.Widget;

/// <summary>
/// What a browser shows to be the visitor it was: workspace, visitor and expiry under this installation's HMAC. Verified without the database.
/// </summary>
internal sealed class VisitorTokens(InstallationVault vault, TimeProvider time)
{
    private const int PayloadLength = 16 + 16 + 8;
    private const int MacLength = 32;
    private const string Use = "visitor token";

    public string Issue(Guid workspaceId, Guid visitorId, DateTimeOffset expiresAt)
    {
        Span<byte> token = stackalloc byte[PayloadLength + MacLength];
        workspaceId.TryWriteBytes(token, bigEndian: true, out _);
        visitorId.TryWriteBytes(token[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(token[32..], expiresAt.ToUnixTimeSeconds());
        vault.Sign(Use, token[..PayloadLength]).CopyTo(token[PayloadLength..]);
        return Base64Url.EncodeToString(token);
    }

    /// <returns>Null when the token is not ours, was changed, or has expired.</returns>
    public (Guid WorkspaceId, Guid VisitorId)? Read(ReadOnlySpan<char> text)
    {
        Span<byte> token = stackalloc byte[PayloadLength + MacLength];
        if (
            text.Length != Base64Url.GetEncodedLength(token.Length)
            || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, token, out var written)
            || written != token.Length
        )
        {
            return null;
        }
        var payload = token[..PayloadLength];
        if (
            !vault.Verify(Use, payload, token[PayloadLength..])
            || BinaryPrimitives.ReadInt64BigEndian(payload[32..]) < time.GetUtcNow().ToUnixTimeSeconds()
        )
        {
            return null;
        }
        return (new Guid(payload[..16], bigEndian: true), new Guid(payload.Slice(16, 16), bigEndian: true));
    }
}
