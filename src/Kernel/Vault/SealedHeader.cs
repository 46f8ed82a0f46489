using System.Buffers.Binary;

namespace Tenet.Kernel.Vault;

/// <summary>
/// What stands before a sealed value and says under which key it is. Format 1: version (4, big endian), sealed under the key itself.
/// Format 2: version, under a key derived by salt. Format 3: a person's id (16), under a key derived by salt.
/// </summary>
internal readonly record struct SealedHeader(byte Format, int Version, Guid Subject)
{
    public const byte Plain = 1;
    public const byte Versioned = 2;
    public const byte OfSubject = 3;

    public static SealedHeader Of(int version) => new(Versioned, version, Guid.Empty);

    public static SealedHeader Of(Guid subject) => new(OfSubject, 0, subject);

    public int Length => Format == OfSubject ? 17 : 5;

    /// <exception cref="SealException">There is no such header.</exception>
    public static SealedHeader Read(ReadOnlySpan<byte> value) =>
        value switch
        {
            [Plain or Versioned, _, _, _, _, ..] when BinaryPrimitives.ReadInt32BigEndian(value[1..]) is > 0 and var version => new(
                value[0],
                version,
                Guid.Empty
            ),
            [OfSubject, ..] when value.Length > 17 => Of(new Guid(value.Slice(1, 16), bigEndian: true)),
            _ => throw new SealException(SealFailure.NotSealed),
        };

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        bytes[0] = Format;
        if (Format == OfSubject)
        {
            Subject.TryWriteBytes(bytes.AsSpan(1), bigEndian: true, out _);
        }
        else
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), Version);
        }
        return bytes;
    }
}
