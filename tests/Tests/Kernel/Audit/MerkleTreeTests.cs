using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Kernel.Audit.Merkle;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class MerkleTreeTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    // The leaves with which implementations of Certificate Transparency compare themselves.
    private static readonly string[] Leaves =
    [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_those_of_Certificate_Transparency(int size, string root)
    {
        var tree = new CompactRange();
        foreach (var leaf in Leaves.Take(size))
        {
            tree.Append(MerkleTree.Leaf(Convert.FromHexString(leaf)));
        }

        Convert.ToHexStringLower(tree.Root()).ShouldBe(root);
    }

    [Fact]
    public void A_growing_tree_has_the_root_that_the_definition_gives() =>
        ForSizes(
            (size, _) =>
            {
                var (tree, leaves) = (new CompactRange(), MakeLeaves(size));
                for (var n = 0; n < size; n++)
                {
                    tree.Append(leaves[n]);
                    // Put away and taken up again, as the database does.
                    tree = new CompactRange(tree.Size, tree.Peaks);
                }
                return tree.Root().SequenceEqual(Root(leaves));
            }
        );

    [Fact]
    public void Every_leaf_proves_its_place_and_no_other() =>
        ForSizes(
            (size, other) =>
            {
                var leaves = MakeLeaves(size);
                var root = Root(leaves);
                for (var index = 0; index < size; index++)
                {
                    var proof = Proofs(leaves).InclusionAsync(index, size, _ct).GetAwaiter().GetResult();
                    if (!MerkleTree.Includes(root, index, size, leaves[index], proof))
                    {
                        return false;
                    }
                    var elsewhere = other % size;
                    if (
                        elsewhere != index
                        && (
                            MerkleTree.Includes(root, elsewhere, size, leaves[index], proof)
                            || MerkleTree.Includes(root, index, size, leaves[elsewhere], proof)
                        )
                    )
                    {
                        return false;
                    }
                    if (
                        MerkleTree.Includes(root, index, size, leaves[index], [.. proof, leaves[0]]) || (proof.Count > 0 && Tampered(proof))
                    )
                    {
                        return false;
                    }

                    bool Tampered(List<byte[]> path)
                    {
                        var changed = path.ConvertAll(hash => hash.ToArray());
                        changed[other % changed.Count][other % 32] ^= 1;
                        return MerkleTree.Includes(root, index, size, leaves[index], changed)
                            || MerkleTree.Includes(root, index, size, leaves[index], path[1..]);
                    }
                }
                return true;
            }
        );

    [Fact]
    public void Every_tree_proves_that_it_begins_with_each_smaller_one() =>
        ForSizes(
            (size, other) =>
            {
                var leaves = MakeLeaves(size);
                var root = Root(leaves);
                for (var earlier = 0; earlier <= size; earlier++)
                {
                    var proof = Proofs(leaves).ConsistencyAsync(earlier, size, _ct).GetAwaiter().GetResult();
                    var earlierRoot = Root(leaves[..earlier]);
                    if (!MerkleTree.IsConsistent(earlier, earlierRoot, size, root, proof))
                    {
                        return false;
                    }
                    if (earlier == 0)
                    {
                        continue;
                    }
                    // Another history of the same length.
                    var rewritten = leaves[..earlier];
                    rewritten[other % earlier] = SHA256.HashData([7]);
                    if (MerkleTree.IsConsistent(earlier, Root(rewritten), size, root, proof))
                    {
                        return false;
                    }
                    if (MerkleTree.IsConsistent(earlier, earlierRoot, size, root, [.. proof, root]))
                    {
                        return false;
                    }
                    if (proof.Count > 0 && MerkleTree.IsConsistent(earlier, earlierRoot, size, root, proof[1..]))
                    {
                        return false;
                    }
                }
                return true;
            }
        );

    [Fact]
    public void Nothing_that_is_sent_as_a_proof_breaks_its_verifier() =>
        Prop.ForAll<byte[][], int, int>(
                (proof, index, size) =>
                {
                    var hashes = proof.Select(hash => hash ?? []).ToArray();
                    var root = SHA256.HashData([1]);
                    return !MerkleTree.Includes(root, index, size, SHA256.HashData([2]), hashes)
                        && (index == size || !MerkleTree.IsConsistent(index, root, size, SHA256.HashData([3]), hashes));
                }
            )
            .QuickCheckThrowOnFailure();

    private static void ForSizes(Func<int, int, bool> holds)
    {
        var sizes = Gen.Choose(1, 70).ToArbitrary();
        Prop.ForAll(sizes, Gen.Choose(0, 10_000).ToArbitrary(), holds).QuickCheckThrowOnFailure();
    }

    private static byte[][] MakeLeaves(int count) => [.. Enumerable.Range(0, count).Select(n => MerkleTree.Leaf(BitConverter.GetBytes(n)))];

    /// <summary>As RFC 6962 defines it.</summary>
    private static byte[] Root(byte[][] leaves)
    {
        if (leaves.Length < 2)
        {
            return leaves.Length == 0 ? SHA256.HashData([]) : leaves[0];
        }
        var half = 1;
        while (half * 2 < leaves.Length)
        {
            half *= 2;
        }
        return SHA256.HashData([1, .. Root(leaves[..half]), .. Root(leaves[half..])]);
    }

    private static MerkleProofs Proofs(byte[][] leaves) =>
        new((height, index, _) => ValueTask.FromResult(Root(leaves[(int)(index << height)..(int)((index + 1) << height)])));
}
