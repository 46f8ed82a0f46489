using System.Buffers.Text;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <summary>
/// Writes every row of a workspace into one JSON file, as PostgreSQL hands them out, compressed and sealed on the way: memory stays the same
/// however much there is. Each table is read in a transaction of its own, so that none is held open for long. The format is described by
/// <c>docs/workspace-export.schema.json</c>.
/// </summary>
internal sealed class WriteWorkspaceFile(WorkspaceScope door, DataMap map, CopyRows copy, BlobStore blobs, TimeProvider time)
{
    private const long MaxLength = 500_000_000_000;

    /// <returns>The sealed blob, gzip inside, which nothing refers to yet; and how many rows are in it.</returns>
    public async Task<(Guid Blob, long Rows)> RunAsync(Guid workspace, CancellationToken ct)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4_000_000, resumeWriterThreshold: 1_000_000));
        var writing = Task.Run(() => WriteAsync(pipe.Writer, workspace, ct), ct);
        try
        {
            await using var content = pipe.Reader.AsStream();
            var blob = await blobs.WriteAsync(workspace, Actor.System, content, MaxLength, null, ct);
            return (blob, await writing);
        }
        finally
        {
            // Where the store gave up, the writer must not wait for a reader for ever.
            await pipe.Reader.CompleteAsync();
            await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long> WriteAsync(PipeWriter pipe, Guid workspace, CancellationToken ct)
    {
        Exception? failed = null;
        try
        {
            await using var stream = pipe.AsStream(leaveOpen: true);
            await using var zip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            return await WriteAsync(zip, workspace, ct);
        }
        catch (Exception e)
        {
            failed = e;
            throw;
        }
        finally
        {
            await pipe.CompleteAsync(failed);
        }
    }

    private async Task<long> WriteAsync(Stream to, Guid workspace, CancellationToken ct)
    {
        var tables = await door.RunAsync(workspace, Actor.System, ctx => WorkspaceTables.ListAsync(ctx, map, ct), ct);
        var name = await door.RunAsync(
            workspace,
            Actor.System,
            ctx => ctx.ScalarAsync<string>($"select row_to_json(w)::text from kernel.workspace w", ct),
            ct
        );
        await TextAsync(to, $"{{\"format\":1,\"exportedAt\":\"{time.GetUtcNow():O}\",\"workspace\":{name},\n\"withheld\":", ct);
        await JsonSerializer.SerializeAsync(to, Withheld(tables), JsonSerializerOptions.Web, ct);
        await TextAsync(to, ",\n\"tables\":[", ct);
        var (all, separator) = (0L, "");
        foreach (var table in tables)
        {
            await TextAsync(to, $"{separator}\n{{\"table\":\"{table.Table}\",\"purpose\":\"{table.Purpose}\",\"rows\":[", ct);
            var rows = await door.RunAsync(workspace, Actor.System, ctx => copy.WriteAsync(ctx, table, to, ct), ct);
            await TextAsync(to, $"],\"count\":{rows}}}", ct);
            (all, separator) = (all + rows, ",");
        }
        await TextAsync(to, "\n],\n\"files\":[", ct);
        separator = "";
        foreach (var file in await door.RunAsync(workspace, Actor.System, ctx => FilesAsync(ctx, ct), ct))
        {
            if (await OpenAsync(workspace, file, ct) is not { } content)
            {
                // Deleted since the list was made.
                continue;
            }
            await using (content)
            {
                await TextAsync(to, $"{separator}\n{{\"id\":\"{file}\",\"base64\":\"", ct);
                var isWhole = await FileAsync(to, content, ct);
                await TextAsync(to, isWhole ? "\"}" : "\",\"unreadable\":true}", ct);
                separator = ",";
            }
        }
        await TextAsync(to, $"\n],\"rowCount\":{all}}}\n", ct);
        return all;
    }

    /// <summary>What is left out, and why: nothing goes without a word.</summary>
    private static object Withheld(IReadOnlyList<TableMap> tables) =>
        tables
            .SelectMany(table => table.Columns.Select(column => (table.Table, column)))
            .Where(pair => WorkspaceTables.Withheld(pair.column) is not null)
            .Select(pair => new
            {
                pair.Table,
                Column = (string?)pair.column.Column,
                Because = WorkspaceTables.Withheld(pair.column)!,
            })
            .ToList();

    // Not the copies of earlier times, nor the one that is being written.
    private static Task<List<Guid>> FilesAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select id from kernel.blob b
             where kept_at is not null
               and not exists (select from privacy.person_export e where e.blob_id = b.id)
               and not exists (select from privacy.workspace_export e where e.blob_id = b.id) order by id
            """,
            row => row.GetGuid(0),
            ct
        );

    private async Task<Stream?> OpenAsync(Guid workspace, Guid file, CancellationToken ct)
    {
        try
        {
            return await blobs.OpenAsync(workspace, Actor.System, file, ct);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <returns>False when no key opens the file, or what follows of it, any more.</returns>
    private static async Task<bool> FileAsync(Stream to, Stream from, CancellationToken ct)
    {
        // A whole number of groups of three bytes, so that only the last piece is padded.
        var (plain, text) = (new byte[48 * 1024], new byte[Base64.GetMaxEncodedToUtf8Length(48 * 1024)]);
        while (true)
        {
            int read;
            try
            {
                read = await from.ReadAtLeastAsync(plain, plain.Length, throwOnEndOfStream: false, ct);
            }
            catch (SealException e) when (e.IsForGood)
            {
                return false;
            }
            if (read == 0)
            {
                return true;
            }
            Base64.EncodeToUtf8(plain.AsSpan(0, read), text, out _, out var written);
            await to.WriteAsync(text.AsMemory(0, written), ct);
        }
    }

    private static Task TextAsync(Stream to, string text, CancellationToken ct) => to.WriteAsync(Encoding.UTF8.GetBytes(text), ct).AsTask();
}
