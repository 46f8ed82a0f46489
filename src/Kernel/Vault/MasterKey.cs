using System.Security.Cryptography;
using System.Text;

namespace Tenet.Kernel.Vault;

/// <summary>A root key as only one master key opens it.</summary>
/// <param name="Master">Which one: a fingerprint or an ARN, never the key.</param>
internal readonly record struct WrappedRoot(string Master, byte[] Bytes);

/// <summary>
/// The operator's key, which never lies in the database: a file, an environment variable, or a key of AWS KMS. It wraps the root keys
/// (<see cref="KeyRing"/>) and nothing else.
/// </summary>
public abstract class MasterKey
{
    public const int Length = 32;

    /// <summary>What a person calls it: its file, variable or ARN.</summary>
    internal abstract string Description { get; }

    /// <summary>The service that holds it; null when it is kept here.</summary>
    public virtual Uri? Service => null;

    /// <summary>Makes it where that is ours to do; called for a new installation only.</summary>
    internal virtual void Create() { }

    /// <summary>Whether it may open what was wrapped by the named key.</summary>
    /// <exception cref="MasterKeyException">It is missing or not to be trusted.</exception>
    internal abstract bool Is(string master);

    /// <summary>A root key of the very first version of Tenet, which was the master key itself.</summary>
    internal virtual byte[]? FirstRoot() => null;

    internal abstract Task<(byte[] Root, WrappedRoot Wrapped)> NewRootAsync(int version, CancellationToken ct);

    internal abstract Task<WrappedRoot> WrapAsync(int version, byte[] root, CancellationToken ct);

    /// <exception cref="MasterKeyException">It cannot be opened by this key, or the service that holds the key refuses.</exception>
    internal abstract Task<byte[]> UnwrapAsync(int version, byte[] wrapped, CancellationToken ct);

    /// <summary>The key in a file of its own, mode 0600; made at the first start when it is missing.</summary>
    public static MasterKey AtFile(string path) => new LocalMasterKey(new MasterKeyFile(path));

    /// <summary>As <see cref="AtFile"/>, read at once; makes it when <paramref name="create"/> and it is missing.</summary>
    /// <exception cref="MasterKeyException">Missing, of the wrong size, or within the reach of others: said with what to do.</exception>
    public static MasterKey FromFile(string path, bool create)
    {
        var file = new MasterKeyFile(path);
        if (create && !file.Exists)
        {
            file.Create();
        }
        file.Read();
        return new LocalMasterKey(file);
    }

    /// <summary>64 hexadecimal digits from elsewhere, such as an environment variable.</summary>
    /// <exception cref="MasterKeyException">They are something else.</exception>
    public static MasterKey FromHex(string text, string source) => new LocalMasterKey(Parse(text, source), source);

    internal static byte[] Parse(string text, string source)
    {
        try
        {
            var key = Convert.FromHexString(text);
            return key.Length == Length ? key : throw new FormatException();
        }
        catch (FormatException)
        {
            // Without the inner exception: it may quote the text.
            throw new MasterKeyException(
                $"The master key in {source} is not {Length * 2} hexadecimal digits. Put the right one back from your backup."
            );
        }
    }

    /// <summary>A key for one use, so that no key serves two (HKDF-SHA256, RFC 5869).</summary>
    internal static byte[] Derive(byte[] key, string use) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, Length, info: Encoding.UTF8.GetBytes("tenet/" + use));
}

/// <summary>The master key is missing, another one, or not to be trusted. The message says what to do, and nothing was changed.</summary>
public sealed class MasterKeyException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
