using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel;
using Tenet.Kernel.Workspaces;

namespace Tenet.Benchmarks;

/// <summary>
/// What row-level security costs: the same reads through the one door with the policy on; with it off and the policy's own condition written
/// into each statement, which shows what the mechanism itself takes; and with it off and the workspace as a parameter, in turns.
/// </summary>
internal static class IsolationBenchmark
{
    private const int Workspaces = 20;
    private const int RowsEach = 2_000;
    private const int Rounds = 150;
    private const int Reads = 200;

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
        // The same rows twice: to switch the policy of one table would have every statement planned anew.
        await ExecuteAsync(
            admin,
            $"""
            create schema bench;
            create table bench.item (workspace_id uuid not null, id int not null, name text not null, primary key (workspace_id, id));
            create table bench.bare (workspace_id uuid not null, id int not null, name text not null, primary key (workspace_id, id));
            select kernel.protect('bench.item');
            grant usage on schema bench to tenet_app;
            grant select on bench.bare to tenet_app;
            insert into bench.item select w.id, n, 'Item ' || n from kernel.workspace w, generate_series(1, {RowsEach}) n;
            insert into bench.bare select * from bench.item;
            """,
            ct
        );
        await ExecuteAsync(admin, "vacuum analyze bench.item", ct);
        await ExecuteAsync(admin, "vacuum analyze bench.bare", ct);
        var times = Enum.GetValues<Way>().ToDictionary(way => way, _ => new List<double>());
        foreach (var way in times.Keys)
            await ReadAsync(door, workspaces, way, 10 * Reads, ct);
        // In short turns, and each way as often first as last: what else the machine does meets all of them alike.
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var way in times.Keys.Skip(round % times.Count).Concat(times.Keys.Take(round % times.Count)))
                times[way].Add(await ReadAsync(door, workspaces, way, Reads, ct));
        }
        await ExecuteAsync(admin, "drop schema bench cascade", ct);
        Tell(new Times(times[Way.Policy]).At(0.5), new Times(times[Way.Written]).At(0.5), new Times(times[Way.Named]).At(0.5));
    }

    private enum Way
    {
        Policy,
        Written,
        Named,
    }

    /// <returns>Milliseconds for one read: one row by its key and the fifty that follow it.</returns>
    private static async Task<double> ReadAsync(WorkspaceScope door, List<Guid> workspaces, Way way, int reads, CancellationToken ct)
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
                    var (whose, whoseToo) = (Whose(way, workspace), Whose(way, workspace));
                    var table = Sql.Constant(way is Way.Policy ? "bench.item" : "bench.bare");
                    batch.Add($"select id, name from {table} where {whose} id = {id}");
                    batch.Add($"select id, name from {table} where {whoseToo} id > {id} order by id limit 50");
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

    private static Sql Whose(Way way, Guid workspace) =>
        way switch
        {
            Way.Policy => Sql.Constant(""),
            Way.Written => Sql.Constant("workspace_id = (select nullif(current_setting('tenet.workspace', true), '')::uuid) and "),
            _ => $"workspace_id = {workspace} and ",
        };

    private static async Task ExecuteAsync(NpgsqlConnection admin, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, admin);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static void Tell(double on, double written, double off)
    {
        Report.Line(
            $"One row by its key and the fifty after it, in one round trip; {Workspaces} workspaces of {RowsEach:N0} rows, median of {Rounds} turns of {Reads} reads.\n"
        );
        Report.Table([
            ["row-level security", "µs a read"],
            ["on", Report.Number(on * 1000)],
            ["off, the policy's condition written into each statement", Report.Number(written * 1000)],
            ["off, workspace as a parameter of each statement", Report.Number(off * 1000)],
        ]);
        Report.Line(
            $"On costs {(on / off - 1) * 100:0.0} % more than the parameter, {(on / written - 1) * 100:0.0} % more than the written condition. Goal: within 5 %."
        );
    }
}
