using System.Text.Json;
using Microsoft.Extensions.Logging;
using Shouldly;
using Tenet.Kernel.Telemetry;
using Xunit;

namespace Tenet.Tests.Kernel.Telemetry;

public sealed class LogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-logs-");
    private readonly Calendar _time = new();

    [Fact]
    public void A_line_is_JSON_with_its_error_and_stands_in_the_file_of_its_day()
    {
        using (var files = new LogFiles(Options(), _time))
        {
            files.CreateLogger("Tenet.Test").LogError(new InvalidOperationException("why"), "It {How}", "failed");
        }
        var line = JsonDocument.Parse(File.ReadAllLines(PathOf("tenet-20261120.jsonl")).ShouldHaveSingleItem()).RootElement;
        line.GetProperty("message").GetString().ShouldBe("It failed");
        line.GetProperty("level").GetString().ShouldBe("Error");
        line.GetProperty("category").GetString().ShouldBe("Tenet.Test");
        line.GetProperty("error").GetString().ShouldNotBeNull().ShouldContain("InvalidOperationException");
    }

    [Fact]
    public void Only_the_operator_may_read_the_files()
    {
        using (var folder = new LogFolder(Options() with { LogFolder = PathOf("logs") }, _time))
        {
            folder.Write("{}").ShouldBeTrue();
        }
        File.GetUnixFileMode(PathOf("logs")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(PathOf("logs/tenet-20261120.jsonl")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_new_day_and_a_full_file_begin_another()
    {
        using (var folder = new LogFolder(Options() with { LogMegabytes = 1 }, _time))
        {
            folder.Write(new string('a', 700_000)).ShouldBeTrue();
            folder.Write(new string('b', 700_000)).ShouldBeTrue();
            _time.Advance(TimeSpan.FromDays(1));
            folder.Write("c").ShouldBeTrue();
        }
        using (var again = new LogFolder(Options() with { LogMegabytes = 1 }, _time))
        {
            again.Write("d").ShouldBeTrue();
        }
        Names().ShouldBe(["tenet-20261120.1.jsonl", "tenet-20261120.jsonl", "tenet-20261121.jsonl"]);
        File.ReadAllText(PathOf("tenet-20261121.jsonl")).ShouldBe("c\nd\n");
    }

    [Fact]
    public void Files_older_than_allowed_go_at_the_start_and_nothing_else_does()
    {
        foreach (
            var name in new[] { "tenet-20261021.jsonl", "tenet-20261022.jsonl", "tenet-20261001.3.jsonl", "tenet-x.jsonl", "notes.txt" }
        )
        {
            File.WriteAllText(PathOf(name), "old");
        }
        using (new LogFiles(Options(), _time)) { }

        Names().ShouldBe(["notes.txt", "tenet-20261022.jsonl", "tenet-x.jsonl"]);
    }

    [Fact]
    public void Files_go_while_it_runs()
    {
        using var folder = new LogFolder(Options() with { Age = new LogAge { Days = 2 } }, _time);
        folder.Write("a").ShouldBeTrue();
        _time.Advance(TimeSpan.FromDays(1));
        folder.Write("b").ShouldBeTrue();
        _time.Advance(TimeSpan.FromDays(1));
        folder.Write("c").ShouldBeTrue();

        Names().ShouldBe(["tenet-20261121.jsonl", "tenet-20261122.jsonl"]);
    }

    [Fact]
    public void Old_lines_of_the_private_PostgreSQL_go_and_what_it_writes_next_is_kept()
    {
        var path = PathOf("postgres.log");
        File.WriteAllText(path, "starting\n2026-10-20 10:00:00 UTC old\n\tits second line\n2026-10-22 10:00:00 UTC young\n\tgoes on\n");
        using (var folder = new LogFolder(Options() with { LogFolder = PathOf("logs"), ServerLog = path }, _time))
        {
            folder.Clean();
        }
        File.AppendAllText(path, "2026-11-20 12:00:00 UTC now\n");

        File.ReadAllText(path).ShouldBe("2026-10-22 10:00:00 UTC young\n\tgoes on\n2026-11-20 12:00:00 UTC now\n");
    }

    [Fact]
    public void A_disk_that_takes_nothing_costs_lines_and_nothing_else()
    {
        // A file stands where the folder should be.
        File.WriteAllText(PathOf("logs"), "");
        using var folder = new LogFolder(Options() with { LogFolder = PathOf("logs") }, _time);
        folder.Write("lost").ShouldBeFalse();
        File.Delete(PathOf("logs"));
        folder.Write("too soon").ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(11));
        folder.Write("kept").ShouldBeTrue();
        folder.Flush();

        File.ReadAllText(PathOf("logs/tenet-20261120.jsonl")).ShouldBe("kept\n");
    }

    private TelemetryOptions Options() =>
        new()
        {
            LogFolder = _folder.FullName,
            Age = new LogAge { Days = 30 },
        };

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private IEnumerable<string?> Names() => _folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal);

    private sealed class Calendar : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
