using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tenet.Kernel;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Benchmarks;

/// <summary>What sealing costs: columns against plain ones through the same door, blobs against OpenSSL's command over the same bytes.</summary>
internal static class VaultBenchmark
{
    private const int Rounds = 4_000;
    private const int BlobMegabytes = 128;
    private static readonly SealedPlace Place = new("vault.subject_key", "wrapped", Guid.Empty);

    public static async Task RunAsync(CancellationToken ct)
    {
        Report.Heading("Vault");
        var folder = Directory.CreateTempSubdirectory("tenet-bench-vault-");
        // The database server is another user when this runs as root; it must be able to pass through.
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        try
        {
            await using var cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions(folder.FullName), ct);
            await RunAsync(folder, cluster.AdminConnectionString, ct);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(DirectoryInfo folder, string database, CancellationToken ct)
    {
        var options = new TenetOptions(folder.FullName, database) { Background = false };
        await using var app = TenetHost.Build([], options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
        await app.Services.PrepareAsync(ct);
        var workspace = await app.Services.GetRequiredService<WorkspaceDirectory>().OpenAsync("Vault", "vault-bench", "en", ct);
        await ColumnsAsync(app.Services, workspace.Id, ct);
        await BlobsAsync(Path.Combine(folder.FullName, "blob"), app.Services, workspace.Id, ct);
    }

    private static async Task ColumnsAsync(IServiceProvider services, Guid workspace, CancellationToken ct)
    {
        var vault = services.GetRequiredService<WorkspaceVault>();
        var door = services.GetRequiredService<WorkspaceScope>();
        var text = new string('k', 200);
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        Report.Line(
            $"{Rounds} times each, 200 bytes, one transaction a time, through the door under row-level security; a value of one row.\n"
        );
        var person = Guid.CreateVersion7();

        Task<T> InAsync<T>(Func<WorkspaceContext, Task<T>> work) => door.RunAsync(workspace, Actor.System, work, ct);

        // One row of a column that holds bytes.
        var id = Guid.CreateVersion7();
        await InAsync(ctx => ctx.ExecuteAsync($"insert into kernel.blob (id, key, created_at) values ({id}, {bytes}, {ctx.Now})", ct));
        var rows = new List<string[]> { new[] { "", "p50 ms", "p95 ms", "a second" } };
        rows.Add(
            await TimeAsync(
                "write plain",
                () => InAsync(ctx => ctx.ExecuteAsync($"update kernel.blob set key = {bytes} where id = {id}", ct))
            )
        );
        rows.Add(
            await TimeAsync(
                "write sealed",
                () =>
                    InAsync(async ctx =>
                    {
                        var value = await vault.SealAsync(ctx, Place, text, ct);
                        return await ctx.ExecuteAsync($"update kernel.blob set key = {value} where id = {id}", ct);
                    })
            )
        );
        rows.Add(
            await TimeAsync(
                "write sealed for a person",
                () =>
                    InAsync(async ctx =>
                    {
                        var value = await vault.SealForAsync(ctx, person, Place, text, ct);
                        return await ctx.ExecuteAsync($"update kernel.blob set key = {value} where id = {id}", ct);
                    })
            )
        );
        rows.Add(
            await TimeAsync("read plain", () => InAsync(ctx => ctx.ScalarAsync<byte[]>($"select key from kernel.blob where id = {id}", ct)))
        );
        rows.Add(
            await TimeAsync(
                "read sealed for a person",
                () =>
                    InAsync(async ctx =>
                        await vault.OpenAsync(
                            ctx,
                            Place,
                            (await ctx.ScalarAsync<byte[]>($"select key from kernel.blob where id = {id}", ct))!,
                            ct
                        )
                    )
            )
        );
        await InAsync(async ctx =>
        {
            var value = await vault.SealAsync(ctx, Place, text, ct);
            return await ctx.ExecuteAsync($"update kernel.blob set key = {value} where id = {id}", ct);
        });
        rows.Add(
            await TimeAsync(
                "read sealed",
                () =>
                    InAsync(async ctx =>
                        await vault.OpenAsync(
                            ctx,
                            Place,
                            (await ctx.ScalarAsync<byte[]>($"select key from kernel.blob where id = {id}", ct))!,
                            ct
                        )
                    )
            )
        );
        Report.Table(rows);
        Cipher(bytes);
    }

    private static void Cipher(byte[] plain)
    {
        const int times = 200_000;
        using var box = new SealedBox(Secrets.Bytes(32), 1);
        byte[] boundTo = [1, 2, 3, 4];
        var value = box.Seal(plain, boundTo);
        var began = Stopwatch.GetTimestamp();
        for (var n = 0; n < times; n++)
            value = box.Seal(plain, boundTo);
        var sealing = Stopwatch.GetElapsedTime(began).TotalMicroseconds / times;
        began = Stopwatch.GetTimestamp();
        for (var n = 0; n < times; n++)
            box.Open(value, boundTo);
        var opening = Stopwatch.GetElapsedTime(began).TotalMicroseconds / times;
        Report.Line($"Without the database: {sealing:0.00} µs to seal 200 bytes, {opening:0.00} µs to open them, on one core.\n");
    }

    private static async Task<string[]> TimeAsync<T>(string what, Func<Task<T>> work)
    {
        Report.Doing($"{what}");
        for (var n = 0; n < Rounds / 4; n++)
            await work();
        var times = new List<double>(Rounds);
        var all = Stopwatch.GetTimestamp();
        for (var n = 0; n < Rounds; n++)
        {
            var began = Stopwatch.GetTimestamp();
            await work();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        var perSecond = Rounds / Stopwatch.GetElapsedTime(all).TotalSeconds;
        var sorted = new Times(times);
        return [what, Report.Number(sorted.At(0.5)), Report.Number(sorted.At(0.95)), Report.Number(perSecond)];
    }

    private static async Task BlobsAsync(string file, IServiceProvider services, Guid workspace, CancellationToken ct)
    {
        var blobs = services.GetRequiredService<BlobStore>();
        await File.WriteAllBytesAsync(file, Secrets.Bytes(BlobMegabytes << 20), ct);
        Report.Line(
            $"A blob of {BlobMegabytes} MB. OpenSSL's `enc` reads and writes files and proves nothing (it has no GCM); the cipher alone is our chunks in memory."
        );
        Report.Line($"PostgreSQL alone is the same chunks written and read without sealing.\n");
        var rows = new List<string[]> { new[] { "MB/s", "write or seal", "read or open" } };
        for (var round = 1; round <= 3; round++)
        {
            Report.Doing($"blobs, round {round}");
            rows.Add([$"sealed blob, round {round}", .. await SealedAsync(blobs, workspace, file, ct)]);
            rows.Add([$"openssl enc -aes-256-ctr, round {round}", .. await OpenSslAsync(file, ct)]);
        }
        rows.Add(["cipher alone", .. InMemory()]);
        rows.Add(["PostgreSQL alone", .. await PlainAsync(services.GetRequiredService<WorkspaceScope>(), workspace, ct)]);
        Report.Table(rows);
        Report.Line($"Peak of the process: {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB.");
    }

    private static async Task<string[]> SealedAsync(BlobStore blobs, Guid workspace, string file, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        Guid id;
        await using (var content = File.OpenRead(file))
            id = await blobs.WriteAsync(workspace, Actor.System, content, long.MaxValue, null, ct);
        var write = Speed(began);
        began = Stopwatch.GetTimestamp();
        await using (var content = await blobs.OpenAsync(workspace, Actor.System, id, ct))
            await content.CopyToAsync(Stream.Null, 1 << 20, ct);
        return [write, Speed(began)];
    }

    private static async Task<string[]> OpenSslAsync(string file, CancellationToken ct)
    {
        var write = await EncAsync("-e", file, file + ".enc", ct);
        var read = await EncAsync("-d", file + ".enc", file + ".dec", ct);
        return [write, read];
    }

    private static async Task<string> EncAsync(string direction, string from, string to, CancellationToken ct)
    {
        string[] arguments =
        [
            "enc",
            direction,
            "-aes-256-ctr",
            "-K",
            new string('1', 64),
            "-iv",
            new string('2', 32),
            "-in",
            from,
            "-out",
            to,
        ];
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start("openssl", arguments);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? Speed(began) : throw new InvalidOperationException("openssl failed.");
    }

    private static string[] InMemory()
    {
        using var cipher = new ChunkCipher(Secrets.Bytes(32), Guid.Empty, Guid.Empty);
        var plain = new byte[ChunkCipher.ChunkLength];
        var value = new byte[plain.Length + ChunkCipher.Overhead];
        var count = (BlobMegabytes << 20) / plain.Length;
        var began = Stopwatch.GetTimestamp();
        for (var n = 0; n < count; n++)
            cipher.Seal(0, false, plain, value);
        var seal = Speed(began);
        began = Stopwatch.GetTimestamp();
        for (var n = 0; n < count; n++)
            cipher.Open(0, false, value, plain);
        return [seal, Speed(began)];
    }

    private static async Task<string[]> PlainAsync(WorkspaceScope door, Guid workspace, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var chunk = Secrets.Bytes(ChunkCipher.ChunkLength);
        byte[][] chunks = [.. Enumerable.Repeat(chunk, BlobStore.Together)];
        await door.RunAsync(
            workspace,
            Actor.System,
            ctx => ctx.ExecuteAsync($"insert into kernel.blob (id, key, created_at) values ({id}, {chunk[..32]}, {ctx.Now})", ct),
            ct
        );
        var count = (BlobMegabytes << 20) / ChunkCipher.ChunkLength;
        var began = Stopwatch.GetTimestamp();
        for (var n = 0; n < count; n += chunks.Length)
        {
            var positions = Enumerable.Range(n, chunks.Length).ToArray();
            await door.BatchAsync(
                workspace,
                Actor.System,
                batch =>
                    batch.Add(
                        $"insert into kernel.blob_chunk (blob_id, position, bytes) select {id}, position, bytes from unnest({positions}, {chunks}) as c(position, bytes)"
                    ),
                ct
            );
        }
        var write = Speed(began);
        began = Stopwatch.GetTimestamp();
        for (var n = 0; n < count; n += chunks.Length)
        {
            var (from, until) = (n, n + chunks.Length);
            await door.RunAsync(
                workspace,
                Actor.System,
                ctx =>
                    ctx.ListAsync(
                        $"select bytes from kernel.blob_chunk where blob_id = {id} and position >= {from} and position < {until} order by position",
                        row => row.GetFieldValue<byte[]>(0),
                        ct
                    ),
                ct
            );
        }
        return [write, Speed(began)];
    }

    private static string Speed(long began) =>
        (BlobMegabytes / Stopwatch.GetElapsedTime(began).TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
}
