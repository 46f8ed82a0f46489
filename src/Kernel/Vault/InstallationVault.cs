using System.Security.Cryptography;
using System.Text;

namespace Tenet.Kernel.Vault;

/// <summary>
/// Seals what belongs to no workspace (letters, second factors), and signs tokens, under the installation's root key. A column of such values
/// says so: <c>[Sealed(…, Under = KeyKind.Installation)]</c>, and its table's <c>id</c> is the row of its place, so that a rotation finds it.
/// </summary>
public sealed class InstallationVault(KeyRing keys)
{
    public byte[] Seal(SealedPlace place, string text) => Seal(place, Encoding.UTF8.GetBytes(text));

    internal byte[] Seal(SealedPlace place, byte[] plain)
    {
        var root = keys.Current;
        return root.Installation.Seal(plain, place.Bind(Guid.Empty, root.Version));
    }

    /// <exception cref="SealException">Changed or moved, or its key is destroyed.</exception>
    public string Open(SealedPlace place, byte[] value) => Encoding.UTF8.GetString(OpenBytes(place, value));

    internal byte[] OpenBytes(SealedPlace place, byte[] value)
    {
        var root = keys.Of(SealedHeader.Read(value).Version);
        return root.Installation.Open(value, place.Bind(Guid.Empty, root.Version));
    }

    /// <summary>HMAC-SHA256 for tokens that this installation issues and reads back itself. Compare with <see cref="Verify"/>.</summary>
    public byte[] Sign(string use, ReadOnlySpan<byte> data) => Sign(keys.Signing[0], use, data);

    /// <summary>Whether this installation signed it, under its present key or, unless they were revoked, an earlier one.</summary>
    public bool Verify(string use, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        foreach (var key in keys.Signing)
        {
            if (CryptographicOperations.FixedTimeEquals(Sign(key, use, data), signature))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>What this installation signs it with now, and would have with each earlier key: to look up what was signed long ago.</summary>
    public IEnumerable<byte[]> Signatures(string use, byte[] data) => keys.Signing.Select(key => Sign(key, use, data));

    private static byte[] Sign(byte[] key, string use, ReadOnlySpan<byte> data)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(use));
        hmac.AppendData([0]);
        hmac.AppendData(data);
        return hmac.GetHashAndReset();
    }
}
