using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel;
using Tenet.Kernel.Workspaces;

namespace Tenet.Benchmarks;

/// <summary>
/// What row-level security costs: the same reads through the one door with the policy on, and with it off and the workspace named in each
/// statement, in turns.
/// </summary>
internal static class IsolationBenchmark
{
    private const int Workspaces = 20;
    private const int RowsEach = 2_000;
    private const int Rounds = 10;
    private const int Reads = 1_500;

    public static async Task RunAsync(Workbench bench, CancellationToken ct)
    {
        await bench.OpenAsync(ct);
        Report.Heading("Isolation");
        var options = new TenetOptions(bench.Folder, bench.AdminConnectionString) { Background = false };
        await using var app = TenetHost.Build([], options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
        await app.Services.PrepareAsync(ct);
        var door = app.Services.GetRequiredService<WorkspaceScope>();
        var directory = app.Services.GetRequiredService<WorkspaceDirectory>();
        var workspaces = new List<Guid>();
        for (var n = 0; n < Workspaces; n++)
            workspaces.Add((await directory.OpenAsync("Bench", $"isolation-{n}", "en", ct)).Id);
        await using var admin = new NpgsqlConnection(bench.AdminConnectionString);
        await admin.OpenAsync(ct);
        await ExecuteAsync(
            admin,
            $"""
            create schema bench;
            create table bench.item (workspace_id uuid not null, id int not null, name text not null, primary key (workspace_id, id));
            select kernel.protect('bench.item');
            grant usage on schema bench to tenet_app;
            insert into bench.item select w.id, n, 'Item ' || n from kernel.workspace w, generate_series(1, {RowsEach}) n;
            analyze bench.item;
            """,
            ct
        );
        await ReadAsync(door, workspaces, false, Reads, ct);
        await ReadAsync(door, workspaces, true, Reads, ct);
        var (on, off) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            await ExecuteAsync(admin, "alter table bench.item enable row level security", ct);
            on.Add(await ReadAsync(door, workspaces, false, Reads, ct));
            await ExecuteAsync(admin, "alter table bench.item disable row level security", ct);
            off.Add(await ReadAsync(door, workspaces, true, Reads, ct));
        }
        await ExecuteAsync(admin, "drop schema bench cascade", ct);
        Tell(new Times(on).At(0.5), new Times(off).At(0.5));
    }

    /// <returns>Milliseconds for one read: one row by its key and the fifty that follow it.</returns>
    private static async Task<double> ReadAsync(WorkspaceScope door, List<Guid> workspaces, bool named, int reads, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        for (var n = 0; n < reads; n++)
        {
            var (workspace, id) = (workspaces[n % workspaces.Count], n % (RowsEach - 60) + 1);
            var rows = await door.BatchAsync(
                workspace,
                Actor.System,
                batch =>
                {
                    if (named)
                    {
                        batch.Add($"select id, name from bench.item where workspace_id = {workspace} and id = {id}");
                        batch.Add($"select id, name from bench.item where workspace_id = {workspace} and id > {id} order by id limit 50");
                        return;
                    }
                    batch.Add($"select id, name from bench.item where id = {id}");
                    batch.Add($"select id, name from bench.item where id > {id} order by id limit 50");
                },
                async results =>
                    (await results.ListAsync(row => row.GetString(1), ct)).Count
                    + (await results.ListAsync(row => row.GetString(1), ct)).Count,
                ct
            );
            if (rows != 51)
                throw new InvalidOperationException($"Read {rows} rows instead of 51.");
        }
        return watch.Elapsed.TotalMilliseconds / reads;
    }

    private static async Task ExecuteAsync(NpgsqlConnection admin, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, admin);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static void Tell(double on, double off)
    {
        Report.Line(
            $"One row by its key and the fifty after it, in one round trip; {Workspaces} workspaces of {RowsEach:N0} rows, median of {Rounds} rounds.\n"
        );
        Report.Table([
            ["row-level security", "µs a read"],
            ["on", Report.Number(on * 1000)],
            ["off, workspace named in each statement", Report.Number(off * 1000)],
        ]);
        Report.Line($"On costs {(on / off - 1) * 100:0.0} % more. Goal: within 5 %.");
    }
}
