using System.Numerics;

namespace Tenet.Kernel.Audit.Merkle;

/// <summary>The complete subtree of 2^<paramref name="Height"/> leaves that begins at leaf <paramref name="Index"/> · 2^height.</summary>
internal readonly record struct TreeNode(int Height, long Index, byte[] Hash);

/// <summary>
/// All that a growing tree needs to remember: the roots of its complete subtrees, largest first, as many as the size has bits set.
/// </summary>
internal sealed class CompactRange
{
    private readonly List<byte[]> _peaks;

    public CompactRange() => _peaks = [];

    /// <exception cref="InvalidDataException">The peaks are not those of a tree of that size.</exception>
    public CompactRange(long size, ReadOnlySpan<byte> peaks)
    {
        if (size < 0 || peaks.Length != BitOperations.PopCount((ulong)size) * MerkleTree.HashLength)
        {
            throw new InvalidDataException("The head of the audit trail was changed: its peaks do not fit its size.");
        }
        (Size, _peaks) = (size, []);
        for (; peaks.Length > 0; peaks = peaks[MerkleTree.HashLength..])
        {
            _peaks.Add(peaks[..MerkleTree.HashLength].ToArray());
        }
    }

    public long Size { get; private set; }

    public byte[] Peaks => [.. _peaks.SelectMany(peak => peak)];

    /// <param name="completed">Told each subtree that the leaf completes, from the smallest above the leaf itself.</param>
    public void Append(byte[] leaf, Action<TreeNode>? completed = null)
    {
        var hash = leaf;
        for (var height = 1; ((Size >> (height - 1)) & 1) == 1; height++)
        {
            hash = MerkleTree.Node(_peaks[^1], hash);
            _peaks.RemoveAt(_peaks.Count - 1);
            completed?.Invoke(new TreeNode(height, Size >> height, hash));
        }
        _peaks.Add(hash);
        Size++;
    }

    public byte[] Root()
    {
        if (_peaks.Count == 0)
        {
            return MerkleTree.Empty;
        }
        var root = _peaks[^1];
        for (var i = _peaks.Count - 2; i >= 0; i--)
        {
            root = MerkleTree.Node(_peaks[i], root);
        }
        return root;
    }
}
