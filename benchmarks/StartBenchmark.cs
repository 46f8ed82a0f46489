namespace Tenet.Benchmarks;

/// <summary>How long ./run's program takes to serve, with a PostgreSQL of its own and the demo, and what it then rests at.</summary>
internal static class StartBenchmark
{
    private const int LaterStarts = 3;
    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(CancellationToken ct)
    {
        Report.Heading("Start");
        var folder = Directory.CreateTempSubdirectory("tenet-start-");
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        var rows = new List<string[]> { new[] { "start", "ready s", "demo ready s", "resident MB then", "resident MB after 30 s" } };
        var port = TenetServer.FreePort();
        try
        {
            for (var start = 0; start <= LaterStarts; start++)
            {
                Report.Doing($"starting Tenet, time {start + 1}");
                await using var server = await TenetServer.StartAsync(folder.FullName, port, None, ct, "--demo");
                var announced = await server.AnnouncedAsync(ct);
                var before = server.Resident();
                await Task.Delay(Rest, ct);
                rows.Add([
                    start == 0 ? "first, with initdb, schema and crawl" : $"{start + 1}",
                    Report.Number(server.Ready.TotalSeconds),
                    Report.Number(announced.TotalSeconds),
                    Report.Number(before),
                    Report.Number(server.Resident()),
                ]);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        Report.Line($"The host with the demo shop, without building; PostgreSQL's own processes are not counted.\n");
        Report.Table(rows);
        Report.Line($"Goals: a second start is ready in under 3 s; at most 150 MB at rest.");
    }
}
