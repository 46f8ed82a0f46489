using System.Collections.Concurrent;
using System.Text;
using Tenet.Kernel.Telemetry;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>Looks through text files for forms that must not stand there, each part once.</summary>
internal sealed class LineScan
{
    /// <summary>Read at most in one look; what is beyond it is looked at next time.</summary>
    private const int MostBytes = 64_000_000;

    private readonly ConcurrentDictionary<string, (long Read, string Found)> _seen = new(StringComparer.Ordinal);

    public async Task<Finding> LookAsync(
        string folder,
        Func<string, bool> isMeant,
        string what,
        IReadOnlyList<string> never,
        CancellationToken ct
    )
    {
        var files = Directory.EnumerateFiles(folder).Where(isMeant).OrderDescending(StringComparer.Ordinal).ToList();
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
            $"{files.Count} {what}, of which {read:N0} bytes were new, hold no {string.Join(", no ", never.Select(SecretForms.Said))}.",
            files.Count,
            string.Join('\n', never.Select(word => SecretForms.Of(word).ToString()))
        );
    }

    private static async Task<(long Bytes, string Found)> ReadAsync(
        string path,
        long from,
        long most,
        IReadOnlyList<string> never,
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
            foreach (var word in never.Where(word => SecretForms.Of(word).IsMatch(line)))
            {
                found.Add(SecretForms.Said(word));
            }
        }
        return (Math.Min(bytes, file.Length - from), string.Join(", ", found));
    }
}
