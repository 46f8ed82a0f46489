namespace Tenet.Kernel.Audit.Merkle;

/// <summary>Makes proofs (RFC 6962, sections 2.1.1 and 2.1.2) from the hashes of complete subtrees.</summary>
/// <param name="node">The hash of a complete subtree, by its height and its index at that height.</param>
internal sealed class MerkleProofs(Func<int, long, CancellationToken, ValueTask<byte[]>> node)
{
    /// <summary>The path of a leaf in the tree of that size, from its sibling up.</summary>
    public async Task<List<byte[]>> InclusionAsync(long index, long size, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<byte[]>();
        var (low, high) = (0L, size);
        while (high - low > 1)
        {
            var middle = low + MerkleTree.Split(high - low);
            path.Add(index < middle ? await RangeAsync(middle, high, ct) : await RangeAsync(low, middle, ct));
            (low, high) = index < middle ? (low, middle) : (middle, high);
        }
        path.Reverse();
        return path;
    }

    /// <summary>That the tree of the later size begins with the tree of the earlier one.</summary>
    public async Task<List<byte[]>> ConsistencyAsync(long size, long laterSize, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, laterSize);
        var path = new List<byte[]>();
        if (size == 0 || size == laterSize)
        {
            return path;
        }
        var (low, high, known) = (0L, laterSize, true);
        while (size != high)
        {
            var middle = low + MerkleTree.Split(high - low);
            if (size <= middle)
            {
                path.Add(await RangeAsync(middle, high, ct));
                high = middle;
            }
            else
            {
                path.Add(await RangeAsync(low, middle, ct));
                (low, known) = (middle, false);
            }
        }
        if (!known)
        {
            path.Add(await RangeAsync(low, high, ct));
        }
        path.Reverse();
        return path;
    }

    public async ValueTask<byte[]> RangeAsync(long low, long high, CancellationToken ct)
    {
        var size = high - low;
        if (long.IsPow2(size))
        {
            var height = System.Numerics.BitOperations.Log2((ulong)size);
            return await node(height, low >> height, ct);
        }
        var middle = low + MerkleTree.Split(size);
        var (left, right) = (await RangeAsync(low, middle, ct), await RangeAsync(middle, high, ct));
        return MerkleTree.Node(left, right);
    }
}
