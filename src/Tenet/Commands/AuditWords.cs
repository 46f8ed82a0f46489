using System.Globalization;
using Tenet.Kernel.Audit;

namespace Tenet.Commands;

/// <summary>What verifying found out, as the command line says it.</summary>
internal static class AuditWords
{
    /// <returns>Whether the trail is what it was.</returns>
    public static bool Print(string name, AuditReport report)
    {
        Line($"{name}: {(report.Holds ? "holds" : "BROKEN")}");
        Line($"  {report.Entries:N0} entries, {report.Purged:N0} of them purged, {report.Erased:N0} without their details");
        if (report.Waiting > 0)
            Line($"  {report.Waiting:N0} entries wait to be chained");
        if (report.Newest is { } newest)
        {
            Line($"  {report.Checkpoints:N0} checkpoints, the newest of {Time(newest.At)} covers {newest.Size:N0} entries");
            if (report.Entries > newest.Size)
                Line($"  {report.Entries - newest.Size:N0} entries are newer than it: chained, and not yet attested outside the database");
        }
        else if (report.Entries > 0)
            Line($"  no checkpoint: a trail that was cut off or written anew would not show");
        foreach (var finding in report.Findings)
            Line($"  ! {finding}");
        if (report.Unlisted > 0)
            Line($"  ! and {report.Unlisted:N0} more");
        return report.Holds;
    }

    /// <returns>Whether the file is what was exported.</returns>
    public static bool Print(string name, AuditFileReport report)
    {
        Line($"{name}: {(report.Findings.Count == 0 ? "holds" : "BROKEN")}");
        Line($"  workspace {report.Workspace}");
        if (report.Checkpoint is { } checkpoint)
            Line($"  {report.Proven:N0} entries are proven by the checkpoint of {Time(checkpoint.At)} over {checkpoint.Size:N0} entries");
        if (report.Unproven > 0)
            Line($"  {report.Unproven:N0} entries were not covered by a checkpoint when they were exported");
        Line(
            $"  {(report.Complete ? "none is missing between the first and the last" : "a selection: it does not show that others are missing")}"
        );
        Line($"  key {report.Key}");
        if (report.TrustsItself)
            Line($"  The key is the file's own. Compare it with the one that you were given, or name that one with --key.");
        foreach (var finding in report.Findings)
            Line($"  ! {finding}");
        return report.Findings.Count == 0;
    }

    private static string Time(DateTimeOffset? at) =>
        at is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) : "an unknown time";

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
