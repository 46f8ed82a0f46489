using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>Verifies checkpoints of one log. Written as Go's note package writes it: <c>name+id+key</c>.</summary>
public sealed class CheckpointKey
{
    // The types of C2SP's signed-note: a signature of the text, and one of the text with a time before it (tlog-cosignature).
    private const byte Plain = 0x01;
    private const byte Timed = 0x04;
    private readonly byte[] _publicKey;
    private readonly uint _plainId;
    private readonly uint _timedId;

    public CheckpointKey(string name, byte[] publicKey)
    {
        (Name, _publicKey) = (name, publicKey);
        (_plainId, _timedId) = (IdOf(name, Plain, publicKey), IdOf(name, Timed, publicKey));
    }

    /// <summary>The origin of the checkpoints that it signs.</summary>
    public string Name { get; }

    /// <summary>The log of a workspace.</summary>
    public static string OriginOf(Guid workspaceId) => $"tenet/audit/{workspaceId:D}";

    public override string ToString() => $"{Name}+{_plainId:x8}+{Convert.ToBase64String([Plain, .. _publicKey])}";

    /// <exception cref="FormatException">The text is not the key of a log.</exception>
    public static CheckpointKey Parse(string text)
    {
        if (
            text.Trim().Split('+', 3) is not [var name, { Length: 8 } id, var encoded]
            || !SignedNote.IsKeyName(name)
            || !uint.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            || SignedNote.Base64(encoded) is not [Plain, .. { Length: Ed25519.KeyLength } publicKey]
            || number != IdOf(name, Plain, publicKey)
        )
        {
            throw new FormatException(
                "This is not the key of an audit log. It is one line of the form name+id+key: tenet audit key prints it."
            );
        }
        return new CheckpointKey(name, publicKey);
    }

    /// <summary>Reads a checkpoint and verifies that this key signed it.</summary>
    /// <exception cref="CheckpointException">It did not, or it is no checkpoint of this log.</exception>
    public SignedCheckpoint Open(string text)
    {
        try
        {
            var note = SignedNote.Parse(text);
            var ours = note.Signatures.Where(signature => signature.KeyName.Equals(Name, StringComparison.Ordinal)).ToList();
            if (ours.FirstOrDefault(signature => signature.KeyId == _plainId) is not { } plain)
            {
                throw new CheckpointException($"The checkpoint is not signed by {Name} with the key at hand.");
            }
            var timed = ours.FirstOrDefault(signature => signature.KeyId == _timedId);
            if (!Ed25519.Verify(_publicKey, note.Bytes, plain.Bytes) || (timed is not null && !VerifyTimed(note.Text, timed.Bytes)))
            {
                throw new CheckpointException("The signature of the checkpoint is wrong: its text was changed.");
            }
            var checkpoint = Checkpoint.Parse(note.Text);
            return checkpoint.Origin.Equals(Name, StringComparison.Ordinal)
                ? new SignedCheckpoint(checkpoint, timed is null ? null : TimeOf(timed.Bytes), text)
                : throw new CheckpointException("The checkpoint is of another log.");
        }
        catch (FormatException e)
        {
            throw new CheckpointException(e.Message, e);
        }
    }

    /// <summary>Signs a checkpoint, once as it is and once with the time.</summary>
    internal string Sign(Checkpoint checkpoint, ReadOnlySpan<byte> privateKey, DateTimeOffset now)
    {
        var plain = Ed25519.Sign(privateKey, Encoding.UTF8.GetBytes(checkpoint.Text));
        var timed = new byte[8 + Ed25519.SignatureLength];
        BinaryPrimitives.WriteUInt64BigEndian(timed, (ulong)now.ToUnixTimeSeconds());
        Ed25519.Sign(privateKey, WithTime(checkpoint.Text, (ulong)now.ToUnixTimeSeconds())).CopyTo(timed, 8);
        return new SignedNote(checkpoint.Text, [new(Name, _plainId, plain), new(Name, _timedId, timed)]).ToString();
    }

    private bool VerifyTimed(string text, byte[] signature) =>
        signature.Length == 8 + Ed25519.SignatureLength
        && Ed25519.Verify(_publicKey, WithTime(text, BinaryPrimitives.ReadUInt64BigEndian(signature)), signature[8..]);

    private static DateTimeOffset TimeOf(byte[] signature) =>
        DateTimeOffset.UnixEpoch.AddSeconds(Math.Min(BinaryPrimitives.ReadUInt64BigEndian(signature), 253_402_300_799UL));

    private static byte[] WithTime(string text, ulong seconds) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{text}"));

    private static uint IdOf(string name, byte type, byte[] publicKey) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. publicKey]));
}
