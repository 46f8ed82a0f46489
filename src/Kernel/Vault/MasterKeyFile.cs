using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tenet.Kernel.Vault;

/// <summary>The file that holds the master key as 64 hexadecimal digits: mode 0600, owned by the account that runs Tenet or by root.</summary>
internal sealed class MasterKeyFile(string path)
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public bool Exists => File.Exists(Path);

    /// <summary>Writes a new key beside and names it at the end: a start that is cut off leaves no half of one.</summary>
    public void Create()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var unfinished = $"{Path}.{Guid.CreateVersion7():N}";
        using (
            var stream = new FileStream(
                unfinished,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            )
        )
        {
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Secrets.Bytes(MasterKey.Length)) + "\n"));
            stream.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(unfinished, Path, overwrite: false);
        }
        catch (IOException) when (Exists)
        {
            // Another start was quicker; both read its key.
            File.Delete(unfinished);
        }
    }

    /// <exception cref="MasterKeyException">Missing, of the wrong size, or within the reach of others.</exception>
    public byte[] Read()
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(Path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MasterKeyException(
                $"The master key {Path} is missing. Put it back from your backup: without it no sealed data can be read.",
                e
            );
        }
        catch (UnauthorizedAccessException e)
        {
            throw new MasterKeyException($"The account that runs Tenet may not read the master key {Path}.", e);
        }
        using (file)
        {
            // Asked of the opened file, so that no other can take its place in between.
            if ((File.GetUnixFileMode(file) & Others) != UnixFileMode.None)
            {
                throw new MasterKeyException($"The master key {Path} can be reached by others. Run: chmod 600 {Path}");
            }
            var (owner, own) = (OwnerOf(file), GetEffectiveUser());
            if (owner != own && owner != 0)
            {
                throw new MasterKeyException(
                    $"The master key {Path} belongs to user {owner}, and Tenet runs as user {own}. Run: chown {own} {Path}"
                );
            }
            Span<byte> text = stackalloc byte[256];
            var length = RandomAccess.Read(file, text, 0);
            return MasterKey.Parse(Encoding.ASCII.GetString(text[..length]).Trim(), Path);
        }
    }

    private static uint OwnerOf(SafeFileHandle file)
    {
        // struct statx: the owner's id stands at byte 20 on every architecture.
        const int emptyPath = 0x1000;
        const uint wantUser = 0x8;
        var status = new byte[256];
        return Statx(file, "", emptyPath, wantUser, status) == 0
            ? BitConverter.ToUInt32(status, 20)
            : throw new MasterKeyException($"The owner of the master key cannot be asked (error {Marshal.GetLastPInvokeError()}).");
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(
        SafeFileHandle folder,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path,
        int flags,
        uint mask,
        byte[] status
    );

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUser();
}
