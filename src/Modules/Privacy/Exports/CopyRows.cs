using System.Buffers.Binary;
using System.Text;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <summary>
/// Writes a table's rows of the workspace as JSON objects, a line each. PostgreSQL makes the objects and hands them out by COPY; only where a
/// column is sealed are they made here.
/// </summary>
internal sealed class CopyRows(PersonRows opened)
{
    // PGCOPY\n\377\r\n\0, then flags and the length of an extension, four bytes each.
    private const int HeaderLength = 19;
    private const int BufferLength = 1 << 18;

    /// <returns>How many rows.</returns>
    public Task<long> WriteAsync(WorkspaceContext ctx, TableMap table, Stream to, CancellationToken ct) =>
        table.Columns.Any(column => column.Class is DataClass.Sealed && WorkspaceTables.Withheld(column) is null)
            ? WriteOpenedAsync(ctx, table, to, ct)
            : WriteCopiedAsync(ctx, table, to, ct);

    private async Task<long> WriteOpenedAsync(WorkspaceContext ctx, TableMap table, Stream to, CancellationToken ct)
    {
        var rows = 0L;
        await foreach (var row in opened.ReadAsync(ctx, table, Sql.Constant("true"), ct))
        {
            await to.WriteAsync(Encoding.UTF8.GetBytes((rows++ == 0 ? "\n" : ",\n") + row.ToJsonString()), ct);
        }
        return rows;
    }

    private static async Task<long> WriteCopiedAsync(WorkspaceContext ctx, TableMap table, Stream to, CancellationToken ct)
    {
        var columns = string.Join(
            ", ",
            table.Columns.Where(column => WorkspaceTables.Withheld(column) is null).Select(column => $"\"{column.Column}\"")
        );
        await using var from = await ctx.CopyOutAsync(
            $"copy (select row_to_json(r) from (select {columns} from {table.Table}) r) to stdout (format binary)",
            ct
        );
        var (buffer, start, end, rows) = (new byte[BufferLength], 0, 0, 0L);
        var output = new MemoryStream(BufferLength * 2);
        async ValueTask NeedAsync(int bytes)
        {
            if (end - start >= bytes)
            {
                return;
            }
            var target = bytes > buffer.Length ? new byte[bytes * 2] : buffer;
            buffer.AsSpan(start, end - start).CopyTo(target);
            (buffer, end, start) = (target, end - start, 0);
            end += await from.ReadAtLeastAsync(buffer.AsMemory(end), bytes - end, throwOnEndOfStream: true, ct);
        }
        await NeedAsync(HeaderLength);
        start = HeaderLength;
        while (true)
        {
            await NeedAsync(2);
            // The number of columns, which is one; at the end it is -1.
            if (BinaryPrimitives.ReadInt16BigEndian(buffer.AsSpan(start)) < 0)
            {
                break;
            }
            await NeedAsync(6);
            var length = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + 2));
            await NeedAsync(6 + length);
            output.Write(rows++ == 0 ? "\n"u8 : ",\n"u8);
            output.Write(buffer.AsSpan(start + 6, length));
            start += 6 + length;
            if (output.Length >= BufferLength)
            {
                await to.WriteAsync(output.GetBuffer().AsMemory(0, (int)output.Length), ct);
                output.SetLength(0);
            }
        }
        await to.WriteAsync(output.GetBuffer().AsMemory(0, (int)output.Length), ct);
        return rows;
    }
}
