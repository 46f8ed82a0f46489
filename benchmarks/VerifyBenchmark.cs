using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Demo;
using Tenet.Kernel;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Benchmarks;

/// <summary>How long it takes to look at every promise, in the demo and in a workspace of many rows, and what probing costs all day.</summary>
/// <remarks>
/// <c>TENET_BENCH_FOLDER</c> keeps the database for the next run, so that the rows are made once; <c>TENET_BENCH_FILL=1</c> only makes them.
/// </remarks>
internal static class VerifyBenchmark
{
    private static readonly string[] Names = ["odoo-copilot", "odoo-migration", "crm", "support-widget", "operations"];

    private static long Rows => long.TryParse(Environment.GetEnvironmentVariable("TENET_BENCH_ROWS"), out var rows) ? rows : 10_000_000;

    public static async Task RunAsync(CancellationToken ct)
    {
        var kept = Environment.GetEnvironmentVariable("TENET_BENCH_FOLDER");
        var folder = kept is null ? Directory.CreateTempSubdirectory("tenet-verify-") : Directory.CreateDirectory(kept);
        // The database server is another user when this runs as root; it must be able to pass through.
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        try
        {
            await using var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions(folder.FullName), ct);
            var options = new TenetOptions(folder.FullName, cluster.AdminConnectionString) { Port = TenetServer.FreePort(), Demo = true };
            await PrepareAsync(options, ct);
            if (Environment.GetEnvironmentVariable("TENET_BENCH_FILL") is null)
            {
                await MeasureAsync(options with { Background = false }, Postmaster(folder), ct);
            }
        }
        finally
        {
            if (kept is null)
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static async Task PrepareAsync(TenetOptions options, CancellationToken ct)
    {
        Report.Doing($"reading the demo and making {Rows:N0} rows");
        await using var app = TenetHost.Build([], options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
        await app.Services.PrepareAsync(ct);
        await app.StartAsync(ct);
        await app.Services.GetRequiredService<DemoWorkspace>().OpenAsync(new Uri(options.Origin), new Progress<string>(), ct);
        var workspaces = app.Services.GetRequiredService<WorkspaceDirectory>();
        if (await workspaces.FindAsync("verify-large", ct) is null)
        {
            await VerifyRows.FillAsync(
                options.ConnectionString,
                (await workspaces.OpenAsync("Bench", "verify-large", "en", ct)).Id,
                Rows,
                ct
            );
        }
        await app.StopAsync(ct);
    }

    private static async Task MeasureAsync(TenetOptions options, int postmaster, CancellationToken ct)
    {
        Report.Heading("Verify");
        await using var app = TenetHost.Build([], options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
        await app.Services.PrepareAsync(ct);
        await app.StartAsync(ct);
        var workspaces = app.Services.GetRequiredService<WorkspaceDirectory>();
        var demo = (await workspaces.FindAsync("demo", ct))!.Id;
        var large = (await workspaces.FindAsync("verify-large", ct))!.Id;
        var published = await app.Services.GetRequiredService<PolicyBook>().PublishedAsync(ct);
        var rows = new List<string[]>
        {
            new[] { "policy", "claims", "demo: first, s", "again, s", $"{Rows:N0} rows: first, s", "again, s" },
        };
        foreach (var policy in Names.Select(name => published.First(known => known.Name == name)))
        {
            var row = new List<string> { policy.Name, $"{policy.Claims.Count()}" };
            foreach (var workspace in new[] { demo, large })
            {
                row.Add(Report.Number(await LookAsync(app.Services, workspace, policy, ct)));
                row.Add(Report.Number(await LookAsync(app.Services, workspace, policy, ct)));
            }
            rows.Add([.. row]);
        }
        Report.Table(rows);
        await SteadyAsync(app.Services, large, postmaster, ct);
        await app.StopAsync(ct);
    }

    /// <returns>Seconds.</returns>
    private static async Task<double> LookAsync(IServiceProvider services, Guid workspace, Policy policy, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        var reports = await services.GetRequiredService<Prober>().LookAsync(workspace, policy, ct);
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var report in reports.Where(report => report.State == PromiseState.Broken))
        {
            Report.Doing($"{report.Promise.Id} is broken: {string.Join(" ", report.Claims.Select(claim => claim.Finding?.Says))}");
        }
        return seconds;
    }

    // Processor time, of this process and of PostgreSQL: waiting costs no core.
    private static async Task SteadyAsync(IServiceProvider services, Guid workspace, int postmaster, CancellationToken ct)
    {
        const int Times = 10;
        var policy = await services.GetRequiredService<PolicyBook>().DefaultAsync(ct);
        // Of all five policies, as if workspaces were under each of them.
        var claims = (await services.GetRequiredService<PolicyBook>().PublishedAsync(ct))
            .Where(known => Names.Contains(known.Name, StringComparer.Ordinal))
            .SelectMany(known => known.Claims)
            .Select(found => found.Claim)
            .DistinctBy(claim => claim.ToString(), StringComparer.Ordinal)
            .ToList();
        var (shared, own) = (0.0, 0.0);
        var rows = new List<(string Name, double Share, string[] Row)>();
        foreach (var kind in claims.GroupBy(claim => claim.Kind))
        {
            var (cpu, watch) = (Cpu(postmaster), Stopwatch.StartNew());
            for (var n = 0; n < Times; n++)
            {
                foreach (var claim in kind)
                {
                    await services.GetRequiredService<Prober>().LookAsync(workspace, policy, claim, TimeProvider.System.GetUtcNow(), ct);
                }
            }
            var (spent, took) = ((Cpu(postmaster) - cpu) / Times, watch.Elapsed.TotalSeconds / Times);
            var share = spent / kind.Key.Every.TotalSeconds;
            (shared, own) = kind.Key.IsOfDeployment ? (shared + share, own) : (shared, own + share);
            rows.Add(
                (
                    kind.Key.Name,
                    share,
                    [
                        kind.Key.Name,
                        $"{kind.Count()}",
                        Report.Number(took * 1000),
                        Report.Number(spent * 1000),
                        $"{kind.Key.Every.TotalMinutes:0}",
                        kind.Key.IsOfDeployment ? "installation" : "workspace",
                    ]
                )
            );
        }
        Report.Table([
            ["kind", "claims", "all looks, ms", "processor ms", "every minutes", "once for each"],
            .. rows.OrderByDescending(row => row.Share).Take(12).Select(row => row.Row),
        ]);
        Report.Line(
            $"Each claim at its own interval: {shared * 100:0.000} % of one core for the installation and {own * 100:0.000} % for each workspace like this one."
        );
    }

    private static double Cpu(int postmaster) => Environment.CpuUsage.TotalTime.TotalSeconds + ProcessTree.CpuSeconds(postmaster);

    private static int Postmaster(DirectoryInfo folder) =>
        int.Parse(
            File.ReadLines(Path.Combine(folder.FullName, "postgres", "data", "postmaster.pid")).First(),
            CultureInfo.InvariantCulture
        );
}
