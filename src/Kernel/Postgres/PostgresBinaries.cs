using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Tenet.Kernel.Postgres;

/// <summary>A folder with PostgreSQL's server programs (initdb, pg_ctl, postgres) and their major version.</summary>
public sealed partial record PostgresBinaries(string Folder, int Major)
{
    /// <summary>The oldest version whose features the schema uses.</summary>
    public const int OldestMajor = 15;

    public string InitDb => Path.Combine(Folder, "initdb");
    public string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>
    /// The newest installed version, or exactly <paramref name="major"/> when a data directory already exists: a data directory
    /// belongs to one major version.
    /// </summary>
    /// <exception cref="PrivateClusterException">None that fits is installed.</exception>
    public static PostgresBinaries Find(int? major = null)
    {
        var installed = Folders().Select(Inspect).OfType<PostgresBinaries>().ToList();
        var fitting = installed.Where(found => major is null ? found.Major >= OldestMajor : found.Major == major);
        return fitting.MaxBy(found => found.Major) ?? throw new PrivateClusterException(Missing(major, installed));
    }

    private static string Missing(int? major, List<PostgresBinaries> installed)
    {
        var have =
            installed.Count == 0 ? "none was found" : "found: " + string.Join(", ", installed.Select(found => found.Major).Distinct());
        return major is null
            ? $"PostgreSQL {OldestMajor} or newer is needed ({have}). Install it, on Debian or Ubuntu with: "
                + "apt-get install postgresql. Or set PGBIN to the folder of its programs, or ConnectionStrings__Tenet to a server of your own."
            : $"The data directory was made by PostgreSQL {major}, which is not installed ({have}). "
                + $"Install postgresql-{major}, or move the data to the newer version with pg_upgrade.";
    }

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("PGBIN") is { Length: > 0 } chosen)
            return [chosen];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return Versions("/usr/lib/postgresql", "*", "bin").Concat(Versions("/usr", "pgsql-*", "bin")).Concat(path);
    }

    private static IEnumerable<string> Versions(string root, string pattern, string bin) =>
        Directory.Exists(root) ? Directory.EnumerateDirectories(root, pattern).Select(folder => Path.Combine(folder, bin)) : [];

    private static PostgresBinaries? Inspect(string folder)
    {
        // Debian's folder is named by the version: no process need be started to learn it.
        var named = Path.GetFileName(Path.GetDirectoryName(folder))?.Replace("pgsql-", "", StringComparison.Ordinal);
        if (!File.Exists(Path.Combine(folder, "initdb")) || !File.Exists(Path.Combine(folder, "pg_ctl")))
            return null;
        return int.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? new(folder, major) : Ask(folder);
    }

    private static PostgresBinaries? Ask(string folder)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(folder, "pg_ctl"), "--version") { RedirectStandardOutput = true, UseShellExecute = false }
        );
        var answer = process?.StandardOutput.ReadToEnd() ?? "";
        process?.WaitForExit();
        return ParseMajor(answer) is { } major ? new(folder, major) : null;
    }

    internal static int? ParseMajor(string answer) =>
        VersionPattern().Match(answer) is { Success: true } match
            ? int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture)
            : null;

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>\d{1,3})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionPattern();
}
