using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <summary>
/// Writes all that is held of a person into a zip, as it is read: <c>person.json</c> for programs, <c>index.html</c> for people, and the files.
/// </summary>
internal sealed class WritePersonFile(WorkspaceScope door, Census census, PersonRows rows, BlobStore blobs)
{
    private const long MaxLength = 20_000_000_000;

    /// <returns>The sealed blob, which nothing refers to yet.</returns>
    public async Task<Guid> RunAsync(Guid workspace, Guid[] persons, DateTimeOffset now, CancellationToken ct)
    {
        var pipe = new Pipe();
        var writing = WriteAsync(pipe.Writer, workspace, persons, now, ct);
        try
        {
            await using var content = pipe.Reader.AsStream();
            var blob = await blobs.WriteAsync(workspace, Actor.System, content, MaxLength, persons[0], ct);
            await writing;
            return blob;
        }
        finally
        {
            // Where the store gave up, the writer must not wait for a reader for ever.
            await pipe.Reader.CompleteAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(PipeWriter pipe, Guid workspace, Guid[] persons, DateTimeOffset now, CancellationToken ct)
    {
        Exception? failed = null;
        try
        {
            await using var stream = pipe.AsStream(leaveOpen: true);
            await using var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Create, leaveOpen: true, null, ct);
            await WriteAsync(zip, workspace, persons, now, ct);
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

    private async Task WriteAsync(ZipArchive zip, Guid workspace, Guid[] persons, DateTimeOffset now, CancellationToken ct)
    {
        var graph = await census.SubjectsAsync(ct);
        await using (var json = await zip.CreateEntry("person.json").OpenAsync(ct))
        {
            await using var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Indented = true });
            writer.WriteStartObject();
            writer.WriteNumber("format", 1);
            writer.WriteString("exportedAt", now);
            writer.WriteStartArray("tables");
            await EachTableAsync(
                graph,
                workspace,
                async (ctx, table) =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("table", table.Table);
                    writer.WriteString("purpose", table.Map.Purpose);
                    writer.WriteStartArray("rows");
                    await foreach (var row in rows.ReadAsync(ctx, graph, table, persons, ct))
                    {
                        row.WriteTo(writer);
                        await writer.FlushAsync(ct);
                    }
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                },
                ct
            );
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        await using (var html = new StreamWriter(await zip.CreateEntry("index.html").OpenAsync(ct), new UTF8Encoding(false)))
        {
            await html.WriteAsync(PersonPage.Head(now));
            await EachTableAsync(graph, workspace, (ctx, table) => WriteTableAsync(html, ctx, graph, table, persons, ct), ct);
            await html.WriteAsync(PersonPage.Foot);
        }
        foreach (var file in await door.RunAsync(workspace, Actor.System, ctx => FilesAsync(ctx, persons, ct), ct))
        {
            await using var from = await blobs.OpenAsync(workspace, Actor.System, file, ct);
            await using var to = await zip.CreateEntry($"files/{file:D}").OpenAsync(ct);
            await from.CopyToAsync(to, ct);
        }
    }

    // Not the copies of earlier times, nor the one that is being written.
    private static Task<List<Guid>> FilesAsync(WorkspaceContext ctx, Guid[] persons, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select id from kernel.blob b
             where subject_id = any({persons}) and kept_at is not null
               and not exists (select from privacy.person_export e where e.blob_id = b.id) order by id
            """,
            row => row.GetGuid(0),
            ct
        );

    private async Task WriteTableAsync(
        StreamWriter html,
        WorkspaceContext ctx,
        SubjectGraph graph,
        SubjectTable table,
        Guid[] persons,
        CancellationToken ct
    )
    {
        var shown = new List<JsonObject>();
        var count = 0L;
        await foreach (var row in rows.ReadAsync(ctx, graph, table, persons, ct))
        {
            if (++count <= PersonPage.MostRows)
            {
                shown.Add(row);
            }
        }
        await html.WriteAsync(PersonPage.Table(table.Map, shown, count));
    }

    private async Task EachTableAsync(
        SubjectGraph graph,
        Guid workspace,
        Func<WorkspaceContext, SubjectTable, Task> work,
        CancellationToken ct
    )
    {
        foreach (var table in ExportColumns.Tables(graph))
        {
            await door.RunAsync(workspace, Actor.System, ctx => work(ctx, table), ct);
        }
    }
}
