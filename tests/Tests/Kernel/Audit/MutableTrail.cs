using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Merkle;

namespace Tenet.Tests.Kernel.Audit;

/// <summary>A trail as somebody with the database in hand can change it.</summary>
internal sealed class MutableTrail(Guid workspace, List<AuditRow> rows, AuditSurroundings around, Random random)
{
    public List<AuditRow> Rows { get; } = rows;
    public AuditSurroundings Around { get; private set; } = around;
    public Random Random => random;

    /// <summary>The latest that <see cref="Any"/> chose.</summary>
    public int LastAny { get; private set; }

    public int Any() => LastAny = random.Next(Rows.Count);

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    public byte[] Flip(byte[] bytes)
    {
        byte[] changed = [.. bytes];
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }

    public void ChangeEntry(Func<AuditEntry, AuditEntry> change)
    {
        var at = AnyEntry();
        Rows[at] = Rows[at] with { Entry = change(Rows[at].Entry!) };
    }

    public void ChangeLink(Func<AuditLink, AuditLink> change)
    {
        var at = Any();
        Rows[at] = Rows[at] with { Link = change(Rows[at].Link) };
    }

    public void ChangeHead(Func<AuditHead, AuditHead> change) => Around = Around with { Head = change(Around.Head!) };

    public AuditEntry Recommitted(AuditEntry entry, string details)
    {
        var salt = Bytes(16);
        return entry with { Details = details, Salt = salt, Commitment = SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(details)]) };
    }

    public void ExchangeEntries()
    {
        var (a, b) = (AnyEntry(), AnyEntry());
        (Rows[a], Rows[b]) = (Rows[a] with { Entry = Rows[b].Entry }, Rows[b] with { Entry = Rows[a].Entry });
    }

    public void ExchangeRows()
    {
        var (a, b) = (Any(), Any());
        (Rows[a], Rows[b]) = (Rows[b], Rows[a]);
    }

    /// <summary>Not the last one: that would only add to the end, which is what every new entry does.</summary>
    public void Double()
    {
        var at = random.Next(Rows.Count - 1);
        Rows.Insert(at, Rows[at]);
    }

    public void SlipIn()
    {
        var at = AnyEntry();
        var entry = Recommitted(Rows[at].Entry!, """{"n":1}""") with { Id = Guid.CreateVersion7() };
        Rows.Insert(at, new AuditRow(Rows[at].Link with { EntryId = entry.Id }, entry));
    }

    /// <summary>Leaves, chain, positions, tree and head anew over what the rows are now: all that needs no key.</summary>
    public void MakeFit()
    {
        var (tree, previous) = (new CompactRange(), AuditChain.Origin(workspace));
        for (var n = 0; n < Rows.Count; n++)
        {
            var (link, entry) = Rows[n];
            var leaf = entry is null ? link.Leaf : AuditChain.Leaf(workspace, entry);
            var id = entry is null ? null : (Guid?)entry.Id;
            Rows[n] = new AuditRow(
                link with
                {
                    Position = n + 1,
                    EntryId = id,
                    Leaf = leaf,
                    Previous = previous,
                    Hash = AuditChain.Link(previous, leaf),
                },
                entry
            );
            previous = Rows[n].Link.Hash;
            tree.Append(leaf);
        }
        Around = Around with { Head = Around.Head! with { Size = tree.Size, Hash = previous, Peaks = tree.Peaks } };
    }

    /// <summary>Whether nothing is changed after all, such as two rows exchanged that are one.</summary>
    public bool IsSame(List<AuditRow> before, AuditSurroundings beforeAround) =>
        Print(Rows, Around).Equals(Print(before, beforeAround), StringComparison.Ordinal);

    private static string Print(List<AuditRow> rows, AuditSurroundings around)
    {
        var text = new StringBuilder();
        foreach (var (link, entry) in rows)
        {
            text.Append(link.Position).Append(link.EntryId).Append(Hex(link.Leaf)).Append(Hex(link.Previous)).Append(Hex(link.Hash));
            text.Append(entry?.Id)
                .Append(entry?.At.UtcTicks)
                .Append(entry?.ActorKind)
                .Append(entry?.ActorId)
                .Append(entry?.Action)
                .Append('|');
            text.Append(entry?.SubjectKind)
                .Append(entry?.SubjectId)
                .Append(entry?.Details)
                .Append(Hex(entry?.Salt))
                .Append(Hex(entry?.Commitment));
        }
        var head = around.Head!;
        return text.Append(head.Size).Append(Hex(head.Hash)).Append(Hex(head.Peaks)).Append(head.PurgedThrough).ToString();
    }

    private static string Hex(byte[]? bytes) => bytes is null ? "-" : Convert.ToHexString(bytes);

    // One that is not purged, erased, or itself a statement of either.
    private int AnyEntry()
    {
        int at;
        do
        {
            at = Any();
        } while (Rows[at].Entry is not { Salt: not null, Details: not null });
        return at;
    }
}
