using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Tenet.Kernel.Telemetry;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>What must not stand in log files. The probe reads them, each part once, for the shapes of it.</summary>
internal sealed partial class LogContents(TelemetryOptions options)
    : ClaimKind(
        "log_contents",
        "Log files hold none of this.",
        ClaimParameter.Choices("never", "email_addresses", "bearer_tokens", "api_keys", "passwords", "session_tokens")
    )
{
    /// <summary>Read at most in one look; what is beyond it is looked at next time.</summary>
    private const int MostBytes = 64_000_000;

    private readonly ConcurrentDictionary<string, (long Read, string Found)> _seen = new(StringComparer.Ordinal);

    public override bool IsOfDeployment => true;

    public override string Limits =>
        "It finds what has the shape of an address, a token, a key or a password. Free text without a shape it cannot tell.";

    public override string Key(Claim claim) => "log files";

    public override bool Tightens(Claim before, Claim after) =>
        before.Get<List<string>>("never").TrueForAll(word => after.Get<List<string>>("never").Contains(word, StringComparer.Ordinal));

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        if (options.LogFolder is not { } folder || !Directory.Exists(folder))
        {
            return Finding.Unknown("Tenet writes no log files here, so there are none to read.");
        }
        var never = claim.Get<List<string>>("never");
        var files = Directory
            .EnumerateFiles(folder)
            .Where(path => LogFolder.DayOf(path) is not null)
            .OrderDescending(StringComparer.Ordinal)
            .ToList();
        var (room, read, violations) = ((long)MostBytes, 0L, new List<string>());
        foreach (var path in files)
        {
            var key = path + " " + string.Join(' ', never);
            var known = _seen.GetValueOrDefault(key, (0, ""));
            var length = new FileInfo(path).Length;
            // A file that holds something, or became shorter, is read anew: what was in it may be gone.
            var from = known.Found.Length > 0 || length < known.Read ? 0 : known.Read;
            var (bytes, found) = await ReadAsync(path, from, room, never, ct);
            (room, read) = (room - bytes, read + bytes);
            _seen[key] = (from + bytes, found);
            if (found.Length > 0)
            {
                violations.Add($"{Path.GetFileName(path)} holds {found}.");
            }
            if (room <= 0)
            {
                break;
            }
        }
        return Finding.Of(
            violations,
            $"{files.Count} log files, of which {read:N0} bytes were new, hold no {string.Join(", no ", never.Select(Said))}.",
            files.Count,
            string.Join('\n', never.Select(word => FormOf(word).ToString()))
        );
    }

    private static async Task<(long Bytes, string Found)> ReadAsync(
        string path,
        long from,
        long most,
        List<string> never,
        CancellationToken ct
    )
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = from;
        var (bytes, found) = (0L, new SortedSet<string>(StringComparer.Ordinal));
        using var reader = new StreamReader(file, Encoding.UTF8);
        while (bytes < most && await reader.ReadLineAsync(ct) is { } line)
        {
            bytes += Encoding.UTF8.GetByteCount(line) + 1;
            foreach (var word in never.Where(word => FormOf(word).IsMatch(line)))
            {
                found.Add(Said(word));
            }
        }
        return (Math.Min(bytes, file.Length - from), string.Join(", ", found));
    }

    private static string Said(string word) => word.Replace('_', ' ');

    private static Regex FormOf(string word) =>
        word switch
        {
            "email_addresses" => Email(),
            "bearer_tokens" => Bearer(),
            "api_keys" => ApiKey(),
            "passwords" => Password(),
            _ => Session(),
        };

    [GeneratedRegex(@"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Email();

    [GeneratedRegex(@"(?i)\b(bearer|basic)\s+[A-Za-z0-9_\-.=+/]{16,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Bearer();

    [GeneratedRegex(@"\b(sk|pk|rk|tk|xox[bp]|ghp|AKIA|AIza)[-_]?[A-Za-z0-9_\-]{16,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ApiKey();

    [GeneratedRegex(@"(?i)\b(password|passwd|pwd|secret)[""']?\s*[=:]\s*[""']?[^\s""'\[…,;}]{4,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Password();

    [GeneratedRegex(@"tenet_session=[A-Za-z0-9_\-]{20,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Session();
}
