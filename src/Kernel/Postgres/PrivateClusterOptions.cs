using System.Globalization;
using IoDirectory = System.IO.Directory;

namespace Tenet.Kernel.Postgres;

/// <summary>Where a private cluster lives and how it is run.</summary>
/// <param name="Directory">Tenet's data directory; the cluster takes the folder <c>postgres</c> inside.</param>
public sealed record PrivateClusterOptions(string Directory)
{
    /// <summary>False only for tests: a crash of the machine may then lose the data.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Told what is being done, one short line at a time.</summary>
    public IProgress<string>? Progress { get; init; }

    internal string PrepareDirectory()
    {
        var full = Path.GetFullPath(Directory);
        try
        {
            IoDirectory.CreateDirectory(full);
            return full;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new PrivateClusterException(
                $"The data folder {full} cannot be made: {refused.Message} Choose another with --data.",
                refused
            );
        }
    }

    /// <summary>The right to run the server of this directory, or null when another process has it. The kernel gives it back on kill -9.</summary>
    internal FileStream? Acquire()
    {
        var file = Path.Combine(Path.GetFullPath(Directory), "tenet.lock");
        try
        {
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            return held;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
