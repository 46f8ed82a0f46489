using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.Audit.Merkle;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Audit;

/// <summary>An entry's place in the chain and in the tree of its workspace. It stays when the entry is purged.</summary>
[Record("audit.link", Purpose.Accountability, Keep = "audit.proofs")]
public sealed record AuditLink
{
    /// <summary>From one; the leaf's index in the tree is one less.</summary>
    [Operational]
    public required long Position { get; init; }

    /// <summary>Null once the entry is purged.</summary>
    [Operational]
    public required Guid? EntryId { get; init; }

    /// <summary>The leaf's hash in the tree.</summary>
    [Operational]
    public required byte[] Leaf { get; init; }

    [Operational]
    public required byte[] Previous { get; init; }

    [Operational]
    public required byte[] Hash { get; init; }
}

/// <summary>An entry that waits for its place.</summary>
[Record("audit.due", Purpose.Accountability, Keep = "audit.log")]
internal sealed record AuditDue
{
    [Operational]
    public required Guid EntryId { get; init; }
}

/// <summary>
/// The leaf of an entry is the RFC 6962 hash of its length-prefixed fields; the chain is H(2 ‖ previous ‖ leaf), SHA-256. The first link
/// follows a hash of the workspace's id.
/// </summary>
internal static class AuditChain
{
    public static byte[] Origin(Guid workspaceId) =>
        SHA256.HashData([.. "tenet audit chain"u8, .. workspaceId.ToByteArray(bigEndian: true)]);

    /// <summary>
    /// Holds a workspace's chain for this transaction: nobody else chains, purges or verifies it meanwhile. The key of an advisory lock.
    /// </summary>
    public static long Lock(Guid workspaceId) => BinaryPrimitives.ReadInt64BigEndian(Origin(workspaceId));

    public static byte[] Leaf(Guid workspaceId, AuditEntry entry)
    {
        using var row = new MemoryStream(256);
        Add(row, "tenet audit entry 1"u8);
        Add(row, workspaceId.ToByteArray(bigEndian: true));
        Add(row, entry.Id.ToByteArray(bigEndian: true));
        Add(row, Number((entry.At.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond));
        Add(row, Encoding.UTF8.GetBytes(SqlValue.Text(entry.ActorKind)));
        Add(row, entry.ActorId is { } actor ? actor.ToByteArray(bigEndian: true) : []);
        Add(row, Encoding.UTF8.GetBytes(entry.Action));
        Add(row, Encoding.UTF8.GetBytes(entry.SubjectKind));
        Add(row, entry.SubjectId.ToByteArray(bigEndian: true));
        Add(row, entry.Commitment);
        return MerkleTree.Leaf(row.GetBuffer().AsSpan(0, (int)row.Length));
    }

    public static byte[] Link(byte[] previous, byte[] leaf) => SHA256.HashData([2, .. previous, .. leaf]);

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static void Add(MemoryStream row, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, field.Length);
        row.Write(length);
        row.Write(field);
    }
}
