using System.Security.Cryptography;
using System.Text;

namespace Tenet.Kernel.Vault;

/// <summary>
/// The operator's key: wraps every workspace's data key. Lives in a file of its own (mode 0600), never in the database.
/// </summary>
public sealed class MasterKey
{
    public const int Length = 32;
    private readonly byte[] _key;

    private MasterKey(byte[] key) => _key = key;

    /// <summary>Reads the key file; makes it when <paramref name="create"/> and it is missing.</summary>
    /// <exception cref="InvalidOperationException">Missing, of the wrong size, or readable by others: said with what to do.</exception>
    public static MasterKey FromFile(string path, bool create)
    {
        if (!File.Exists(path))
        {
            if (!create)
            {
                throw new InvalidOperationException(
                    $"The master key {path} is missing. Put it back from your backup: without it no sealed data can be read."
                );
            }
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using var stream = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Secrets.Bytes(Length)) + "\n"));
            stream.Flush(flushToDisk: true);
        }
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & others) != UnixFileMode.None)
        {
            throw new InvalidOperationException($"The master key {path} can be read by others. Run: chmod 600 {path}");
        }
        return FromHex(File.ReadAllText(path).Trim(), path);
    }

    internal static MasterKey FromHex(string text, string source)
    {
        try
        {
            var key = Convert.FromHexString(text);
            return key.Length == Length ? new MasterKey(key) : throw new FormatException();
        }
        catch (FormatException e)
        {
            throw new InvalidOperationException(
                $"The master key in {source} is not {Length * 2} hexadecimal digits. Put the right file back from your backup.",
                e
            );
        }
    }

    /// <summary>A key for one use, so that no key serves two (HKDF-SHA256, RFC 5869).</summary>
    public byte[] Derive(string use) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, Length, info: Encoding.UTF8.GetBytes("tenet/" + use));
}
