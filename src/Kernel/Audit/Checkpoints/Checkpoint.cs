using System.Globalization;
using Tenet.Kernel.Audit.Merkle;

namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>The state of one workspace's tree: the text that C2SP's tlog-checkpoint signs.</summary>
/// <param name="Origin">Which log: <see cref="CheckpointKey.OriginOf"/>.</param>
/// <param name="Size">How many entries.</param>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n");

    public bool IsSameTree(Checkpoint other) =>
        Size == other.Size && Origin.Equals(other.Origin, StringComparison.Ordinal) && Root.AsSpan().SequenceEqual(other.Root);

    /// <exception cref="FormatException">The text is no checkpoint.</exception>
    public static Checkpoint Parse(string text)
    {
        // Further lines are extensions, which may mean anything and are skipped.
        if (text.Split('\n') is not [var origin, var size, var root, .., ""] lines || lines[..^1].Any(line => line.Length == 0))
        {
            throw new FormatException("A checkpoint has at least three lines.");
        }
        if (
            !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !number.ToString(CultureInfo.InvariantCulture).Equals(size, StringComparison.Ordinal)
        )
        {
            throw new FormatException("The size in the checkpoint is not a number.");
        }
        var hash = SignedNote.Base64(root);
        return hash.Length == MerkleTree.HashLength
            ? new Checkpoint(origin, number, hash)
            : throw new FormatException("The root hash in the checkpoint has not 32 bytes.");
    }
}

/// <summary>A checkpoint whose signature was verified.</summary>
/// <param name="At">When it was signed, by the signature that bears its time (tlog-cosignature); null without one.</param>
/// <param name="Note">The text as it was signed.</param>
public sealed record SignedCheckpoint(Checkpoint Checkpoint, DateTimeOffset? At, string Note)
{
    public long Size => Checkpoint.Size;
    public byte[] Root => Checkpoint.Root;
}

/// <summary>A checkpoint that must not be believed. The message says why.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner);
