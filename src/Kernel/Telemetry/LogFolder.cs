using System.Globalization;
using System.Text;

namespace Tenet.Kernel.Telemetry;

/// <summary>
/// The folder of log files: one a day, continued in another when it is full, deleted when it is too old. Whatever the disk does, nothing is thrown.
/// </summary>
internal sealed class LogFolder(TelemetryOptions options, TimeProvider time, string prefix = LogFolder.Prefix) : IDisposable
{
    private const string Prefix = "tenet-";

    /// <summary>Of copies of the reports of errors that left.</summary>
    public const string Reports = "reports-";
    private const string Suffix = ".jsonl";
    private static readonly TimeSpan Between = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _folder = options.LogFolder!;
    private FileStream? _file;
    private DateOnly _day;
    private int _part;
    private DateTimeOffset _nextCleaning;
    private DateTimeOffset _nextTry;

    // The disk may have taken a part of a line: the next one does not continue it.
    private bool _brokeOff;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <returns>False when the disk did not take it.</returns>
    public bool Write(string line)
    {
        var now = time.GetUtcNow();
        if (now < _nextTry)
        {
            return false;
        }
        try
        {
            Clean();
            var bytes = Encoding.UTF8.GetBytes(line + "\n");
            if (_file is null || _day != Today || _file.Length + bytes.Length > options.LogMegabytes * 1_000_000L)
            {
                Open(bytes.Length);
            }
            if (_brokeOff && _file!.Length > 0)
            {
                _file.Write("\n"u8);
            }
            _file!.Write(bytes);
            _brokeOff = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Close();
            (_brokeOff, _nextTry) = (true, now + Patience);
            return false;
        }
    }

    public void Flush()
    {
        try
        {
            _file?.Flush();
        }
        catch (IOException)
        {
            Close();
            _brokeOff = true;
        }
    }

    /// <summary>Deletes what is too old, once an hour at most.</summary>
    public void Clean()
    {
        var now = time.GetUtcNow();
        if (now < _nextCleaning || options.Age.Days is not { } days)
        {
            return;
        }
        _nextCleaning = now + Between;
        if (options.ServerLog is { } server)
        {
            ServerLog.Forget(server, Today.AddDays(1 - days));
        }
        if (!Directory.Exists(_folder))
        {
            return;
        }
        foreach (var path in Directory.EnumerateFiles(_folder, "*" + Suffix))
        {
            // What was written first on that day is then as old as is allowed.
            if (DayOf(path) is { } day && day.AddDays(days) <= Today)
            {
                Delete(path);
            }
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Tried again in an hour; the doctor tells of files that stay.
        }
    }

    /// <summary>Null for files that are not ours.</summary>
    internal static DateOnly? DayOf(string path)
    {
        var name = Path.GetFileName(path);
        var begin = IsReport(path) ? Reports : Prefix;
        return
            name.StartsWith(begin, StringComparison.Ordinal)
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && name.Length >= begin.Length + 8 + Suffix.Length
            && DateOnly.TryParseExact(
                name.AsSpan(begin.Length, 8),
                "yyyyMMdd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var day
            )
            ? day
            : null;
    }

    internal static bool IsReport(string path) => Path.GetFileName(path).StartsWith(Reports, StringComparison.Ordinal);

    private void Open(int room)
    {
        Close();
        if (_day != Today)
        {
            (_day, _part) = (Today, 0);
        }
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Directory.CreateDirectory(_folder, mine | UnixFileMode.UserExecute);
        while (true)
        {
            var part = _part == 0 ? "" : "." + _part.ToString(CultureInfo.InvariantCulture);
            var path = Path.Combine(_folder, $"{prefix}{_day:yyyyMMdd}{part}{Suffix}");
            var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.Append,
                    Access = FileAccess.Write,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    UnixCreateMode = mine,
                }
            );
            if (file.Length == 0 || file.Length + room <= options.LogMegabytes * 1_000_000L)
            {
                _file = file;
                return;
            }
            file.Dispose();
            _part++;
        }
    }

    private void Close()
    {
        try
        {
            _file?.Dispose();
        }
        catch (IOException)
        {
            // What was buffered is lost with the disk.
        }
        _file = null;
    }

    public void Dispose() => Close();
}
