using Tenet.Kernel.Telemetry;

namespace Tenet.Kernel.Doctoring;

/// <summary>Room on the disk, and log files that should have been deleted.</summary>
internal static class DiskChecks
{
    private const long TooLittle = 500_000_000;
    private const long Little = 5_000_000_000;

    public static IEnumerable<Finding> Look(Installed installed, TelemetryOptions telemetry, TimeProvider time)
    {
        if (!Directory.Exists(installed.DataFolder))
        {
            yield return Finding.Red("disk.folder", "The data folder does not exist.", "Name it with --data, or start Tenet there once.");
            yield break;
        }
        yield return Room(new DriveInfo(Path.GetFullPath(installed.DataFolder)).AvailableFreeSpace);
        yield return Writable(installed.DataFolder);
        if (telemetry is { LogFolder: { } logs, Age.Days: { } days } && Directory.Exists(logs))
        {
            yield return Logs(logs, days, time);
        }
    }

    internal static Finding Room(long free)
    {
        const string Check = "disk.space";
        var says = $"{free / 1_000_000:N0} MB are free where the data folder lies.";
        const string Step = "Make room: look for old backups and log files, or enlarge the disk. PostgreSQL stops when its disk is full.";
        return free < TooLittle ? Finding.Red(Check, says, Step)
            : free < Little ? Finding.Yellow(Check, says, Step)
            : Finding.Green(Check, says);
    }

    private static Finding Writable(string folder)
    {
        const string Check = "disk.writable";
        var file = Path.Combine(folder, $".doctor-{Guid.CreateVersion7():N}");
        try
        {
            File.WriteAllText(file, "");
            File.Delete(file);
            return Finding.Green(Check, "The data folder can be written.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Red(
                Check,
                "The data folder cannot be written by this account.",
                "Give it to the account that runs Tenet (chown), and check that its file system is not mounted read-only."
            );
        }
    }

    private static Finding Logs(string folder, int days, TimeProvider time)
    {
        const string Check = "logs.age";
        var oldest = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-days);
        var old = Directory.EnumerateFiles(folder).Count(path => LogFolder.DayOf(path) <= oldest);
        return old == 0
            ? Finding.Green(Check, $"No log file is older than {days} days.")
            : Finding.Yellow(
                Check,
                $"{old} log files are older than {days} days.",
                "A running Tenet deletes them within the hour. If they stay, the account that runs it may not delete them."
            );
    }
}
