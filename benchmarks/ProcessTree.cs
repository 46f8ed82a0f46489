using System.Globalization;

namespace Tenet.Benchmarks;

/// <summary>What a process and its children have used, as /proc tells it. Other work on the machine does not blur it as it blurs a clock.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100;

    /// <returns>Seconds of processor time, of children that have ended as well.</returns>
    public static double CpuSeconds(int id)
    {
        var processes = Directory
            .EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
            .Select(Read)
            .OfType<Row>()
            .ToLookup(row => row.Parent);
        double Of(Row row) => row.Ticks + processes[row.Id].Sum(Of);
        return Read($"/proc/{id}") is { } root ? Of(root) / TicksPerSecond : 0;
    }

    private static Row? Read(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            // The name may hold spaces and stands in brackets; what follows is counted from the state, field 3.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
            return new Row(
                int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture),
                (int)Field(4),
                Field(14) + Field(15) + Field(16) + Field(17)
            );
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    private sealed record Row(int Id, int Parent, long Ticks);
}
