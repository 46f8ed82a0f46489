using System.Buffers.Text;
using Tenet.Kernel;

namespace Tenet.Accounts;

/// <summary>
/// The text of a key: <c>tk_</c>, 32 characters of secret, 22 of the workspace, all base64url. The workspace stands in it so that the key is
/// looked up behind that workspace's door; changed to another one, the secret is unknown there.
/// </summary>
internal sealed record ApiKeyText(Guid WorkspaceId, string Text)
{
    public const string Start = "tk_";
    private const int SecretLength = 32;
    private const int WorkspaceLength = 22;
    private const int ShownLength = 6;

    public string Prefix => Text[..(Start.Length + ShownLength)];

    public byte[] Hash => Secrets.Hash(Text);

    public static ApiKeyText New(Guid workspaceId) =>
        new(workspaceId, Start + Secrets.Token(24) + Base64Url.EncodeToString(workspaceId.ToByteArray(bigEndian: true)));

    public static ApiKeyText? Parse(string text)
    {
        if (
            text.Length != Start.Length + SecretLength + WorkspaceLength
            || !text.StartsWith(Start, StringComparison.Ordinal)
            || !Base64Url.IsValid(text.AsSpan(Start.Length + SecretLength))
        )
        {
            return null;
        }
        Span<byte> workspace = stackalloc byte[16];
        return Base64Url.TryDecodeFromChars(text.AsSpan(Start.Length + SecretLength), workspace, out var length) && length == 16
            ? new ApiKeyText(new Guid(workspace, bigEndian: true), text)
            : null;
    }

    public override string ToString() => Prefix;
}
