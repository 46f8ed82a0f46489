using System.Globalization;

namespace Tenet.Kernel.Postgres;

/// <summary>
/// Which processes serve a data directory. A pid file alone does not say: after kill -9 or a reboot its number may be dead or
/// belong to something else, while every process of a server has the data directory as its working directory.
/// </summary>
internal static class ServerProcess
{
    /// <summary>The running postmaster's process id, or null when none serves this directory.</summary>
    public static int? Postmaster(PrivateClusterFolder folder)
    {
        if (!File.Exists(folder.PidFile))
            return null;
        var line = File.ReadLines(folder.PidFile).FirstOrDefault();
        return int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && WorksIn(pid, folder.Data) ? pid : null;
    }

    /// <summary>Whether any process still works in the data directory, such as backends whose postmaster was killed.</summary>
    public static bool AnyLeft(string data) =>
        Directory
            .EnumerateDirectories("/proc")
            .Any(process => int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var pid) && WorksIn(pid, data));

    private static bool WorksIn(int pid, string data)
    {
        try
        {
            return string.Equals(new FileInfo($"/proc/{pid}/cwd").LinkTarget, data, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
