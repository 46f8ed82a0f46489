using System.Numerics;
using System.Security.Cryptography;

namespace Tenet.Kernel.Audit.Merkle;

/// <summary>The Merkle tree of RFC 6962, section 2: SHA-256, leaves and nodes told apart by a first byte.</summary>
internal static class MerkleTree
{
    public const int HashLength = 32;

    /// <summary>The root of no leaves.</summary>
    public static byte[] Empty => SHA256.HashData([]);

    public static byte[] Leaf(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> data = stackalloc byte[1 + HashLength + HashLength];
        data[0] = 1;
        left.CopyTo(data[1..]);
        right.CopyTo(data[(1 + HashLength)..]);
        return SHA256.HashData(data);
    }

    /// <summary>Where a tree of several leaves is divided: the largest power of two smaller than its size.</summary>
    public static long Split(long size) => 1L << BitOperations.Log2((ulong)size - 1);

    /// <summary>The root to which an inclusion proof leads; null when the proof has not the length that index and size demand.</summary>
    /// <param name="index">From zero.</param>
    public static byte[]? RootOfInclusion(long index, long size, byte[] leaf, IReadOnlyList<byte[]> proof)
    {
        if (index < 0 || index >= size || proof.Any(hash => hash.Length != HashLength))
        {
            return null;
        }
        var (node, last, root, used) = (index, size - 1, leaf, 0);
        for (; last > 0; node >>= 1, last >>= 1)
        {
            if ((node & 1) == 0 && node == last)
            {
                // The last node of an odd row rises without a sibling.
                continue;
            }
            if (used == proof.Count)
            {
                return null;
            }
            root = (node & 1) == 1 ? Node(proof[used], root) : Node(root, proof[used]);
            used++;
        }
        return used == proof.Count ? root : null;
    }

    public static bool Includes(byte[] root, long index, long size, byte[] leaf, IReadOnlyList<byte[]> proof) =>
        RootOfInclusion(index, size, leaf, proof) is { } computed && computed.AsSpan().SequenceEqual(root);

    /// <summary>Whether the tree of the later size begins with the leaves of the earlier one.</summary>
    public static bool IsConsistent(long size, byte[] root, long laterSize, byte[] laterRoot, IReadOnlyList<byte[]> proof)
    {
        if (size < 0 || size > laterSize || proof.Any(hash => hash.Length != HashLength))
        {
            return false;
        }
        if (size == laterSize || size == 0)
        {
            return proof.Count == 0 && (size == 0 ? root.AsSpan().SequenceEqual(Empty) : root.AsSpan().SequenceEqual(laterRoot));
        }
        // RFC 9162, section 2.1.4.2. A complete earlier tree is not repeated in the proof.
        var hashes = BitOperations.IsPow2(size) ? [root, .. proof] : proof;
        if (hashes.Count == 0)
        {
            return false;
        }
        var (node, last) = (size - 1, laterSize - 1);
        for (; (node & 1) == 1; node >>= 1, last >>= 1) { }
        var (earlier, later) = (hashes[0], hashes[0]);
        foreach (var hash in hashes.Skip(1))
        {
            if (last == 0)
            {
                return false;
            }
            if ((node & 1) == 1 || node == last)
            {
                (earlier, later) = (Node(hash, earlier), Node(hash, later));
                for (; node != 0 && (node & 1) == 0; node >>= 1, last >>= 1) { }
            }
            else
            {
                later = Node(later, hash);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && earlier.AsSpan().SequenceEqual(root) && later.AsSpan().SequenceEqual(laterRoot);
    }
}
