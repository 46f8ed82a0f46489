using System.Globalization;

namespace Tenet.Kernel.Telemetry;

/// <summary>The private PostgreSQL's log, which the server itself only ever lengthens.</summary>
internal static class ServerLog
{
    /// <summary>Takes the lines of days before this one out. What the server writes in the same instant may be lost.</summary>
    public static void Forget(string path, DateOnly first)
    {
        try
        {
            // Put aside when the server was started with a long one.
            var aside = new FileInfo(path + ".1");
            if (aside.Exists && DateOnly.FromDateTime(aside.LastWriteTimeUtc) < first)
            {
                aside.Delete();
            }
            if (
                !File.Exists(path)
                || File.ReadLines(path).Select(DayOf).FirstOrDefault(day => day is not null) is not { } oldest
                || oldest >= first
            )
            {
                return;
            }
            var kept = File.ReadAllLines(path).SkipWhile(line => DayOf(line) is not { } day || day < first).ToList();
            // Into the same file, which the server holds open and appends to.
            using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
            using var writer = new StreamWriter(file);
            kept.ForEach(writer.WriteLine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Tried again in an hour.
        }
    }

    // Lines begin with their time; what goes on from the line before does not.
    private static DateOnly? DayOf(string line) =>
        line.Length >= 10
        && DateOnly.TryParseExact(line.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;
}
