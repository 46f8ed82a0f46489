using Tenet.Kernel.Audit.Merkle;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>
/// The root of a complete subtree of 256, 65,536, … leaves, kept so that a proof reads some hundred hashes and not the whole trail.
/// </summary>
[Record("audit.node", Purpose.Accountability, Keep = "audit.proofs")]
internal sealed record AuditNode
{
    /// <summary>8, 16, …: the subtree has 2^height leaves.</summary>
    [Operational]
    public required int Height { get; init; }

    /// <summary>The subtree begins at leaf index · 2^height.</summary>
    [Operational]
    public required long Index { get; init; }

    [Operational]
    public required byte[] Hash { get; init; }
}

/// <summary>Reads the tree of a workspace for proofs, in blocks of 256 hashes that it remembers.</summary>
internal sealed class AuditTree
{
    public const int BlockHeight = 8;
    private const int BlockSize = 1 << BlockHeight;
    private const int MostBlocks = 64;
    private readonly Dictionary<(int Height, long Index), List<byte[]>> _blocks = [];

    public MerkleProofs Proofs(WorkspaceContext ctx) => new((height, index, ct) => NodeAsync(ctx, height, index, ct));

    private async ValueTask<byte[]> NodeAsync(WorkspaceContext ctx, int height, long index, CancellationToken ct)
    {
        var below = height / BlockHeight * BlockHeight;
        var (first, count) = (index << (height - below), 1 << (height - below));
        var block = await BlockAsync(ctx, below, first >> BlockHeight, ct);
        var offset = (int)(first & (BlockSize - 1));
        if (block.Count < offset + count)
        {
            throw new InvalidDataException("Hashes of the audit trail are missing. Run: tenet audit verify");
        }
        var hashes = block.GetRange(offset, count);
        while (hashes.Count > 1)
        {
            hashes = [.. hashes.Chunk(2).Select(pair => MerkleTree.Node(pair[0], pair[1]))];
        }
        return hashes[0];
    }

    private async ValueTask<List<byte[]>> BlockAsync(WorkspaceContext ctx, int height, long index, CancellationToken ct)
    {
        if (_blocks.TryGetValue((height, index), out var known))
        {
            return known;
        }
        var (from, to) = (index * BlockSize, (index + 1) * BlockSize);
        var block = await ctx.ListAsync(
            height == 0
                ? $"select leaf from audit.link where position > {from} and position <= {to} order by position"
                : (Sql)$"select hash from audit.node where height = {height} and index >= {from} and index < {to} order by index",
            row => row.GetFieldValue<byte[]>(0),
            ct
        );
        if (_blocks.Count == MostBlocks)
        {
            _blocks.Clear();
        }
        return _blocks[(height, index)] = block;
    }
}
