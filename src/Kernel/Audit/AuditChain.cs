using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Audit;

/// <summary>An entry's place in the chain of its workspace.</summary>
[Record("audit.link", Purpose.Accountability, Keep = "audit.log")]
public sealed record AuditLink
{
    [Operational]
    public required long Position { get; init; }

    [Operational]
    public required Guid EntryId { get; init; }

    [Operational]
    public required byte[] Previous { get; init; }

    [Operational]
    public required byte[] Hash { get; init; }
}

[Record("audit.due", Purpose.Accountability, Keep = "audit.log")]
internal sealed record AuditDue
{
    [Operational]
    public required Guid EntryId { get; init; }
}

/// <summary>H(previous ‖ length-prefixed canonical row), SHA-256; the first link follows a hash of the workspace's id.</summary>
public static class AuditChain
{
    public static byte[] Origin(Guid workspaceId) =>
        SHA256.HashData([.. "tenet audit chain"u8, .. workspaceId.ToByteArray(bigEndian: true)]);

    public static byte[] Link(byte[] previous, Guid workspaceId, long position, AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, previous);
        Add(hash, workspaceId.ToByteArray(bigEndian: true));
        Add(hash, Number(position));
        Add(hash, entry.Id.ToByteArray(bigEndian: true));
        Add(hash, Number((entry.At.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond));
        Add(hash, Encoding.UTF8.GetBytes(SqlValue.Text(entry.ActorKind)));
        Add(hash, entry.ActorId is { } actor ? actor.ToByteArray(bigEndian: true) : []);
        Add(hash, Encoding.UTF8.GetBytes(entry.Action));
        Add(hash, Encoding.UTF8.GetBytes(entry.SubjectKind));
        Add(hash, entry.SubjectId.ToByteArray(bigEndian: true));
        Add(hash, entry.Commitment);
        return hash.GetHashAndReset();
    }

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, field.Length);
        hash.AppendData(length);
        hash.AppendData(field);
    }
}
