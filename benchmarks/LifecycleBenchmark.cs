using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Exports;
using Tenet.Privacy.Rights;

namespace Tenet.Benchmarks;

/// <summary>
/// The copy of a large workspace against COPY of the same tables, an erasure against plain DELETE, the sweep, and finding a person among many.
/// With <c>TENET_BENCH_DATABASE</c> it works there and leaves its rows for the next run; <c>TENET_BENCH_ROWS</c> is the size of the workspace.
/// </summary>
internal static class LifecycleBenchmark
{
    private const int Persons = 20;

    private static int Rows => int.TryParse(Environment.GetEnvironmentVariable("TENET_BENCH_ROWS"), out var rows) ? rows : 5_000_000;

    private static int ErasedRows => Rows / 5;

    private static int Visitors => Rows * 2;

    public static async Task RunAsync(CancellationToken ct)
    {
        Report.Heading("Lifecycle");
        var folder = Directory.CreateTempSubdirectory("tenet-bench-");
        // The database server is another user when this runs as root; it must be able to pass through.
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        try
        {
            var own = Environment.GetEnvironmentVariable("TENET_BENCH_DATABASE");
            await using var cluster = own is null ? await PrivateCluster.StartAsync(new PrivateClusterOptions(folder.FullName), ct) : null;
            var key = own is null ? folder.FullName : Path.Combine(Path.GetTempPath(), "tenet-bench-lifecycle");
            Directory.CreateDirectory(key);
            var options = new TenetOptions(key, own ?? cluster!.AdminConnectionString) { Background = false };
            await using var app = TenetHost.Build([], options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
            await app.Services.PrepareAsync(ct);
            await using var admin = new NpgsqlConnection(own ?? cluster!.AdminConnectionString);
            await admin.OpenAsync(ct);
            var workspace = await PrepareAsync(app.Services, admin, ct);
            if (Environment.GetEnvironmentVariable("TENET_BENCH_PREPARE") is null)
            {
                await MeasureAsync(app.Services, admin, workspace, ct);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(IServiceProvider services, NpgsqlConnection admin, Guid workspace, CancellationToken ct)
    {
        var rows = new List<string[]> { new[] { "work", "rows", "seconds", "rows/s" } };
        var began = Stopwatch.GetTimestamp();
        var read = 0L;
        foreach (var table in new[] { "inbox.message", "inbox.conversation", "inbox.visitor" })
        {
            read += await CopyAsync(admin, workspace, table, ct);
        }
        var copied = Stopwatch.GetElapsedTime(began);
        rows.Add(Row("COPY of the same tables, read and thrown away", read, copied));
        began = Stopwatch.GetTimestamp();
        var (_, exported) = await services.GetRequiredService<WriteWorkspaceFile>().RunAsync(workspace, ct);
        var export = Stopwatch.GetElapsedTime(began);
        rows.Add(Row("copy of the workspace: JSON, compressed, sealed, stored", exported, export));

        // Once before, for what a host compiles when it does something for the first time.
        await EraseAsync(services, workspace, await FindVisitorAsync(admin, workspace, 3, ct), ct);
        var (plain, person) = (await EraseVisitorAsync(admin, workspace, 2, ct), await FindVisitorAsync(admin, workspace, 1, ct));
        rows.Add(Row("plain DELETE of a person's messages, in one statement", plain.Rows, plain.Took));
        began = Stopwatch.GetTimestamp();
        await EraseAsync(services, workspace, person, ct);
        var erased = Stopwatch.GetElapsedTime(began);
        rows.Add(Row("erasure of a person with as many", plain.Rows, erased));

        rows.Add(await SweepAsync(services, admin, workspace, ct));
        Report.Table(rows);
        Report.Line(
            $"The copy reaches {copied / export * exported / read:0.00} times the rows a second of COPY, the erasure {plain.Took / erased:0.00} times plain DELETE."
        );
        var found = await FindAsync(services, workspace, ct);
        Report.Line($"A person by e-mail address among {Visitors:N0}: p50 {found.At(0.5):0.00} ms, p95 {found.At(0.95):0.00} ms.");
    }

    private static string[] Row(string work, long rows, TimeSpan took) =>
        [work, Report.Number(rows), Report.Number(took.TotalSeconds), Report.Number(rows / took.TotalSeconds)];

    /// <returns>How many rows there are.</returns>
    private static async Task<long> CopyAsync(NpgsqlConnection admin, Guid workspace, string table, CancellationToken ct)
    {
        await using (
            var copy = await admin.BeginRawBinaryCopyAsync(
                $"copy (select * from {table} where workspace_id = '{workspace}') to stdout (format binary)",
                ct
            )
        )
        {
            await copy.CopyToAsync(Stream.Null, 1 << 18, ct);
        }
        return table switch
        {
            "inbox.message" => Rows,
            "inbox.visitor" => Visitors,
            _ => Persons,
        };
    }

    private static async Task<(long Rows, TimeSpan Took)> EraseVisitorAsync(
        NpgsqlConnection admin,
        Guid workspace,
        int n,
        CancellationToken ct
    )
    {
        var visitor = await FindVisitorAsync(admin, workspace, n, ct);
        var began = Stopwatch.GetTimestamp();
        await using var delete = new NpgsqlCommand(
            "delete from inbox.message where workspace_id = $1 and conversation_id = any(array(select id from inbox.conversation where workspace_id = $1 and visitor_id = $2))",
            admin
        )
        {
            CommandTimeout = 0,
            Parameters =
            {
                new() { Value = workspace },
                new() { Value = visitor },
            },
        };
        var rows = await delete.ExecuteNonQueryAsync(ct);
        return (rows, Stopwatch.GetElapsedTime(began));
    }

    private static async Task EraseAsync(IServiceProvider services, Guid workspace, Guid person, CancellationToken ct)
    {
        var door = services.GetRequiredService<WorkspaceScope>();
        var begin = services.GetRequiredService<BeginErasure>();
        var id = await door.RunAsync(workspace, Actor.System, ctx => begin.RunAsync(ctx, [person], ErasureGround.Request, ct), ct);
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ErasePerson>().RunAsync(new JobRun(workspace, Guid.CreateVersion7(), id, 1), ct);
    }

    /// <summary>Invitations that ended long ago: a rule that the sweep deletes by itself.</summary>
    private static async Task<string[]> SweepAsync(IServiceProvider services, NpgsqlConnection admin, Guid workspace, CancellationToken ct)
    {
        const int Ended = 200_000;
        await using (
            var insert = new NpgsqlCommand(
                $"""
                insert into accounts.invitation (workspace_id, id, email, role, token_hash, created_at, expires_at)
                select '{workspace}', gen_random_uuid(), 'e' || n || '@example.org', 'viewer', sha256(n::text::bytea), now() - interval '60 days', now() - interval '50 days'
                  from generate_series(1, {Ended}) n on conflict do nothing
                """,
                admin
            )
            {
                CommandTimeout = 0,
            }
        )
        {
            await insert.ExecuteNonQueryAsync(ct);
        }
        await using var scope = services.CreateAsyncScope();
        var began = Stopwatch.GetTimestamp();
        await scope
            .ServiceProvider.GetRequiredService<SweepWorkspace>()
            .RunAsync(new JobRun(workspace, Guid.CreateVersion7(), workspace, 1), ct);
        return Row("sweep of ended invitations, in batches", Ended, Stopwatch.GetElapsedTime(began));
    }

    private static async Task<Times> FindAsync(IServiceProvider services, Guid workspace, CancellationToken ct)
    {
        var (door, subjects) = (services.GetRequiredService<WorkspaceScope>(), services.GetRequiredService<Subjects>());
        var times = new List<double>();
        for (var n = 0; n < 1_000; n++)
        {
            var began = Stopwatch.GetTimestamp();
            await door.RunAsync(workspace, Actor.System, ctx => subjects.FindAsync(ctx, $"v{n * 7919 % Visitors}@example.org", ct), ct);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return new Times(times.Skip(100));
    }

    private static async Task<Guid> FindVisitorAsync(NpgsqlConnection admin, Guid workspace, int n, CancellationToken ct)
    {
        await using var find = new NpgsqlCommand("select id from inbox.visitor where workspace_id = $1 and external_id = $2", admin)
        {
            Parameters =
            {
                new() { Value = workspace },
                new() { Value = $"large-{n}" },
            },
        };
        return (Guid)(await find.ExecuteScalarAsync(ct))!;
    }

    /// <summary>
    /// Twenty persons with a fifth of the messages for each of the first two, the rest among the others, and many who never wrote. Made without
    /// the checks of foreign keys, which would take most of the time.
    /// </summary>
    private static async Task<Guid> PrepareAsync(IServiceProvider services, NpgsqlConnection admin, CancellationToken ct)
    {
        var directory = services.GetRequiredService<WorkspaceDirectory>();
        if (await directory.FindAsync("lifecycle", ct) is { } known)
        {
            return known.Id;
        }
        Report.Doing($"making {Rows:N0} messages and {Visitors:N0} visitors");
        var workspace = (await directory.OpenAsync("Lifecycle", "lifecycle", "en", ct)).Id;
        var rest = (Rows - (2 * ErasedRows)) / (Persons - 2);
        await using var make = new NpgsqlCommand(
            $"""
            set session_replication_role = replica;
            insert into inbox.visitor (workspace_id, id, external_id, email, language, created_at, seen_at)
            select '{workspace}', gen_random_uuid(), 'large-' || n, 'large' || n || '@example.org', 'en', now(), now() from generate_series(1, {Persons}) n;
            insert into inbox.conversation (workspace_id, id, visitor_id, channel, state, mode, last_seq, last_message_at, preview, created_at)
            select workspace_id, gen_random_uuid(), id, 'widget', 'open', 'member', 0, now(), '', now() from inbox.visitor where workspace_id = '{workspace}';
            insert into inbox.message (workspace_id, conversation_id, seq, id, author, kind, text, at)
            select c.workspace_id, c.id, n, gen_random_uuid(), 'visitor', 'text', 'Do you deliver to Zermatt on a Saturday, and what does it cost? ' || n, now()
              from inbox.conversation c join inbox.visitor v on v.workspace_id = c.workspace_id and v.id = c.visitor_id
             cross join lateral generate_series(1, case when v.external_id in ('large-1', 'large-2') then {ErasedRows} else {rest} end) n
             where c.workspace_id = '{workspace}';
            insert into inbox.visitor (workspace_id, id, email, language, created_at, seen_at)
            select '{workspace}', gen_random_uuid(), 'v' || n || '@example.org', 'en', now(), now() from generate_series(1, {Visitors}) n;
            reset session_replication_role;
            analyze inbox.message; analyze inbox.visitor; analyze inbox.conversation;
            """,
            admin
        )
        {
            CommandTimeout = 0,
        };
        await make.ExecuteNonQueryAsync(ct);
        return workspace;
    }
}
