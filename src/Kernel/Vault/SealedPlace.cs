using System.Buffers.Binary;
using System.Text;

namespace Tenet.Kernel.Vault;

/// <summary>Where a sealed value stands. Bound into it: moved to another row, column, table or workspace it does not open.</summary>
public readonly record struct SealedPlace(string Table, string Column, Guid Row)
{
    internal byte[] Bind(Guid workspaceId, int keyVersion)
    {
        var table = Encoding.UTF8.GetBytes(Table);
        var column = Encoding.UTF8.GetBytes(Column);
        var bytes = new byte[16 + 16 + 4 + 4 + table.Length + 4 + column.Length];
        var rest = bytes.AsSpan();
        workspaceId.TryWriteBytes(rest, bigEndian: true, out _);
        Row.TryWriteBytes(rest[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(rest[32..], keyVersion);
        BinaryPrimitives.WriteInt32BigEndian(rest[36..], table.Length);
        table.CopyTo(rest[40..]);
        BinaryPrimitives.WriteInt32BigEndian(rest[(40 + table.Length)..], column.Length);
        column.CopyTo(rest[(44 + table.Length)..]);
        return bytes;
    }
}
