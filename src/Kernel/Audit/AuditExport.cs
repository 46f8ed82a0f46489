using System.Text;
using System.Text.Json;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

public enum AuditExportFormat
{
    /// <summary>JSON lines, each entry with its proof (<see cref="AuditFile"/>).</summary>
    JsonLines,

    /// <summary>For spreadsheets, without proofs.</summary>
    Csv,
}

/// <summary>Writes a trail out, oldest first, page by page: no transaction waits for who reads slowly.</summary>
public sealed class AuditExport
{
    private const int PageSize = 500;
    private static readonly byte[] LineFeed = "\n"u8.ToArray();
    private readonly WorkspaceScope _door;
    private readonly AuditSequencer _sequencer;
    private readonly CheckpointPublisher _publisher;
    private readonly CheckpointKeys _keys;
    private readonly TimeProvider _time;

    internal AuditExport(
        WorkspaceScope door,
        AuditSequencer sequencer,
        CheckpointPublisher publisher,
        CheckpointKeys keys,
        TimeProvider time
    ) => (_door, _sequencer, _publisher, _keys, _time) = (door, sequencer, publisher, keys, time);

    /// <summary>Is itself an entry of the trail.</summary>
    public async Task WriteAsync(
        Guid workspaceId,
        Actor actor,
        AuditFilter filter,
        AuditExportFormat format,
        Stream output,
        CancellationToken ct
    )
    {
        await _door.BatchAsync(workspaceId, actor, batch => batch.Audit("audit.exported", "workspace", workspaceId, new { format }), ct);
        var key = await _keys.OfAsync(workspaceId, ct);
        var checkpoint = format == AuditExportFormat.JsonLines ? await CheckpointAsync(workspaceId, key, ct) : null;
        if (format == AuditExportFormat.JsonLines)
        {
            var head = new AuditFileHead(AuditFile.Format, workspaceId, _time.GetUtcNow(), filter.IsAll, checkpoint?.Note, key.ToString());
            await WriteLineAsync(output, head, ct);
        }
        else
        {
            // With the mark by which spreadsheets know UTF-8.
            await output.WriteAsync(Encoding.UTF8.GetBytes("\uFEFF" + AuditCsv.Head), ct);
        }
        var (tree, after, count) = (new AuditTree(), Guid.Empty, 0L);
        while (true)
        {
            var page = await _door.RunAsync(workspaceId, actor, ctx => PageAsync(ctx, filter, after, tree, checkpoint, ct), ct);
            foreach (var line in page)
            {
                if (format == AuditExportFormat.JsonLines)
                {
                    await WriteLineAsync(output, line, ct);
                }
                else
                {
                    await output.WriteAsync(Encoding.UTF8.GetBytes(AuditCsv.Line(line)), ct);
                }
            }
            count += page.Count;
            if (page.Count < PageSize)
            {
                break;
            }
            after = page[^1].Id;
        }
        if (format == AuditExportFormat.JsonLines)
        {
            await WriteLineAsync(output, new AuditFileEnd(count), ct);
        }
    }

    // One of this moment where that is possible, so that it covers all that is exported.
    private async Task<SignedCheckpoint?> CheckpointAsync(Guid workspaceId, CheckpointKey key, CancellationToken ct)
    {
        try
        {
            await _sequencer.SequenceAsync(workspaceId, ct);
            if (await _publisher.PublishAsync(workspaceId, ct) is { } fresh)
            {
                return fresh;
            }
        }
        catch (CheckpointStoreException)
        {
            // Then the last one.
        }
        var head = await _door.RunAsync(workspaceId, Actor.System, ctx => AuditHead.FindAsync(ctx, ct), ct);
        return head?.PublishedNote is { } note ? key.Open(note) : null;
    }

    private static async Task<List<AuditFileEntry>> PageAsync(
        WorkspaceContext ctx,
        AuditFilter filter,
        Guid after,
        AuditTree tree,
        SignedCheckpoint? checkpoint,
        CancellationToken ct
    )
    {
        var rows = await ctx.ListAsync(
            $"""
            select l.position, e.id, e.at, e.actor_kind, e.actor_id, e.action, e.subject_kind, e.subject_id, e.details, e.salt, e.commitment
              from audit.entry e
              left join audit.link l on l.workspace_id = e.workspace_id and l.entry_id = e.id
             where {filter.Condition} and e.id > {after}
             order by e.id
             limit {PageSize}
            """,
            row => (Position: row.IsDBNull(0) ? (long?)null : row.GetInt64(0), Entry: AuditRow.ReadEntry(row, 1)),
            ct
        );
        var (proofs, lines) = (tree.Proofs(ctx), new List<AuditFileEntry>(rows.Count));
        foreach (var (position, entry) in rows)
        {
            var proof = position <= checkpoint?.Size ? await proofs.InclusionAsync(position.Value - 1, checkpoint.Size, ct) : null;
            lines.Add(AuditFileEntry.Of(entry, position, proof));
        }
        return lines;
    }

    private static async Task WriteLineAsync<T>(Stream output, T line, CancellationToken ct)
    {
        await JsonSerializer.SerializeAsync(output, line, AuditFile.Json, ct);
        await output.WriteAsync(LineFeed, ct);
    }
}

/// <summary>Entries as RFC 4180 has them.</summary>
internal static class AuditCsv
{
    public const string Head = "position,time,actor,actor id,action,subject,subject id,details\r\n";

    public static string Line(AuditFileEntry e) =>
        string.Join(
            ',',
            (
                (string?[])
                    [
                        e.Position?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                        e.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture),
                        e.ActorKind,
                        e.ActorId?.ToString(),
                        e.Action,
                        e.SubjectKind,
                        e.SubjectId.ToString(),
                        e.Details,
                    ]
            ).Select(Cell)
        ) + "\r\n";

    // A spreadsheet would run what begins like a formula.
    private static string Cell(string? text) =>
        text is null or "" ? ""
        : text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? Quote("'" + text)
        : text.AsSpan().ContainsAny(",\"\r\n") ? Quote(text)
        : text;

    private static string Quote(string text) => '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
