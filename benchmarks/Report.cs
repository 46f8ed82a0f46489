using System.Globalization;
using System.Runtime.InteropServices;
using Tenet.Kernel.Postgres;

namespace Tenet.Benchmarks;

/// <summary>What a benchmark prints: Markdown on standard output, what it is doing on standard error.</summary>
internal static class Report
{
    /// <summary>The machine of this run, without which its figures mean nothing.</summary>
    public static void Machine()
    {
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC: {Environment.ProcessorCount} cores ({model?.Split(':')[^1].Trim()}), {long.Parse(
                    memory,
                    CultureInfo.InvariantCulture
                ) / 1024 / 1024.0:0.#} GB,
                Linux {Environment.OSVersion.Version}, {RuntimeInformation.FrameworkDescription}, PostgreSQL {PostgresBinaries.Find(
                    null
                ).Major} (fsync on), load {load} before.
                """
            )
        );
    }

    public static void Heading(string title) => Console.WriteLine($"\n## {title}\n");

    public static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    public static void Doing(FormattableString text) => Console.Error.WriteLine("… " + text.ToString(CultureInfo.InvariantCulture));

    /// <summary>Cells are numbers or words; the first row names the columns.</summary>
    public static void Table(params IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        for (var i = 0; i < rows.Count; i++)
        {
            Console.WriteLine("| " + string.Join(" | ", rows[i].Select((cell, c) => cell.PadRight(widths[c]))) + " |");
            if (i == 0)
                Console.WriteLine("|" + string.Join("|", widths.Select(w => new string('-', w + 2))) + "|");
        }
        Console.WriteLine();
    }

    /// <summary>Three significant digits, as many as such a measurement bears.</summary>
    public static string Number(double value) =>
        value.ToString(
            Math.Abs(value) switch
            {
                >= 100 => "N0",
                >= 10 => "0.0",
                _ => "0.00",
            },
            CultureInfo.InvariantCulture
        );
}
