using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Benchmarks;

/// <summary>The audit trail on a durable PostgreSQL of its own: entries written, chained, verified, proven and exported, in one process.</summary>
internal static class AuditBenchmark
{
    private const int Chained = 100_000;
    private const int AtOnce = 16;

    public static async Task RunAsync(CancellationToken ct)
    {
        Report.Heading("Audit");
        Report.Doing($"starting PostgreSQL");
        var folder = Directory.CreateTempSubdirectory("tenet-bench-");
        // The database server is another user when this runs as root; it must be able to pass through.
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        try
        {
            await using var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions(folder.FullName), ct);
            var options = new TenetOptions(folder.FullName, cluster.AdminConnectionString) { Background = false };
            await using var app = TenetHost.Build([], options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
            await app.Services.PrepareAsync(ct);
            await MeasureAsync(app.Services, ct);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(IServiceProvider services, CancellationToken ct)
    {
        var door = services.GetRequiredService<WorkspaceScope>();
        var workspace = await services.GetRequiredService<WorkspaceDirectory>().OpenAsync("Bench", "bench", "en", ct);
        var rows = new List<string[]> { new[] { "work", "entries", "seconds", "entries/s" } };

        Report.Doing($"writing entries");
        await WriteAsync(door, workspace.Id, 2000, 1, ct);
        rows.Add(await RowAsync("written, one a transaction, 16 at once", 20_000, () => WriteAsync(door, workspace.Id, 20_000, 1, ct)));
        rows.Add(
            await RowAsync(
                "written, 100 a transaction, 16 at once",
                Chained - 22_000,
                () => WriteAsync(door, workspace.Id, Chained - 22_000, 100, ct)
            )
        );
        Report.Doing($"chaining them");
        var sequencer = services.GetRequiredService<AuditSequencer>();
        rows.Add(await RowAsync("chained, by one sequencer", Chained, () => sequencer.SequenceAsync(workspace.Id, ct)));
        Report.Doing($"verifying");
        var verify = services.GetRequiredService<VerifyAudit>();
        await verify.RunAsync(workspace.Id, null, null, ct);
        rows.Add(
            await RowAsync(
                "verified against the database",
                Chained,
                async () =>
                {
                    var report = await verify.RunAsync(workspace.Id, null, null, ct);
                    if (!report.Holds || report.Entries != Chained)
                        throw new InvalidOperationException(
                            $"The trail of the benchmark does not hold: {string.Join(' ', report.Findings)}"
                        );
                }
            )
        );
        Report.Doing($"exporting");
        var export = services.GetRequiredService<AuditExport>();
        using var file = new MemoryStream();
        rows.Add(
            await RowAsync(
                "exported, each with its proof",
                Chained,
                () => export.WriteAsync(workspace.Id, Actor.Operator, new AuditFilter(), AuditExportFormat.JsonLines, file, ct)
            )
        );
        rows.Add(
            await RowAsync(
                "verified from that file",
                Chained,
                async () =>
                {
                    file.Position = 0;
                    using var reader = new StreamReader(file, leaveOpen: true);
                    var report = await AuditFile.VerifyAsync(reader, null, ct);
                    if (report.Findings.Count > 0)
                        throw new InvalidOperationException("The export of the benchmark does not hold.");
                }
            )
        );
        Report.Table(rows);
        var proofs = await ProveAsync(door, workspace.Id, ct);
        Report.Line($"One inclusion proof out of {Chained:N0}: p50 {proofs.At(0.5):0.00} ms, p95 {proofs.At(0.95):0.00} ms.");
        Report.Line($"The file: {file.Length / (double)Chained:0} bytes an entry.");
    }

    private static async Task<string[]> RowAsync(string work, int entries, Func<Task> run)
    {
        var began = Stopwatch.GetTimestamp();
        await run();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return [work, Report.Number(entries), Report.Number(seconds), Report.Number(entries / seconds)];
    }

    private static Task WriteAsync(WorkspaceScope door, Guid workspace, int count, int together, CancellationToken ct) =>
        Parallel.ForAsync(
            0,
            count / together,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (n, token) =>
                await door.BatchAsync(
                    workspace,
                    Actor.System,
                    batch =>
                    {
                        for (var i = 0; i < together; i++)
                            batch.Audit("bench.done", "bench", workspace, new { n, i });
                    },
                    token
                )
        );

    private static async Task<Times> ProveAsync(WorkspaceScope door, Guid workspace, CancellationToken ct)
    {
        var times = new List<double>();
        for (var n = 0; n < 300; n++)
        {
            var index = Secrets.Below(Chained);
            var began = Stopwatch.GetTimestamp();
            await door.RunAsync(workspace, Actor.System, ctx => new AuditTree().Proofs(ctx).InclusionAsync(index, Chained, ct), ct);
            // The first ones are the compiler's.
            if (n >= 100)
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return new Times(times);
    }
}
