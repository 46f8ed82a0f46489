using System.Globalization;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Audit.Merkle;

namespace Tenet.Kernel.Audit;

/// <summary>
/// Recomputes one workspace's trail, row by row, from its entries: leaves, chain and tree, and compares them with what is stored and with
/// checkpoints from outside the database. Knows nothing of databases, so that what was exported can be verified as well.
/// </summary>
internal sealed class AuditVerification(Guid workspaceId, IEnumerable<SignedCheckpoint> checkpoints)
{
    // A clock that is a little off, or a transaction that took long, is no crime.
    private static readonly TimeSpan Slack = TimeSpan.FromDays(1);

    private readonly List<SignedCheckpoint> _checkpoints = [.. checkpoints.OrderBy(checkpoint => checkpoint.Size)];
    private readonly CompactRange _tree = new();
    private readonly List<TreeNode> _nodes = [];
    private readonly Dictionary<Guid, long> _erased = [];
    private readonly HashSet<Guid> _erasures = [];
    private readonly List<string> _findings = [];
    private byte[] _previous = AuditChain.Origin(workspaceId);
    private (long From, long To)? _missing;
    private readonly List<(long From, long To)> _gaps = [];
    private PurgeStatement? _purge;
    private int _compared;
    private int _faults;

    public void Add(AuditRow row)
    {
        var (link, entry) = row;
        var position = _tree.Size + 1;
        if (link.Position != position)
        {
            Report(position, $"is missing: {link.Position} stands in its place");
        }
        if (!link.Previous.AsSpan().SequenceEqual(_previous))
        {
            Report(position, "does not follow the one before it");
        }
        if (!link.Hash.AsSpan().SequenceEqual(AuditChain.Link(link.Previous, link.Leaf)))
        {
            Report(position, "has a wrong hash in the chain");
        }
        _previous = link.Hash;
        _tree.Append(link.Leaf, KeepNode);
        if (entry is null)
        {
            _missing = _missing is { } range ? (range.From, position) : (position, position);
        }
        else
        {
            EndGap();
            Verify(entry, link, position);
        }
        for (; _compared < _checkpoints.Count && _checkpoints[_compared].Size <= _tree.Size; _compared++)
        {
            if (_checkpoints[_compared].Size == _tree.Size && !_checkpoints[_compared].Root.AsSpan().SequenceEqual(_tree.Root()))
            {
                Report(
                    $"The first {_tree.Size} entries are not those of the checkpoint{Of(_checkpoints[_compared])}: the trail was rewritten."
                );
            }
        }
    }

    public AuditReport Finish(AuditSurroundings? around)
    {
        EndGap();
        foreach (var entry in around?.Statements ?? [])
        {
            Heed(entry, _tree.Size + 1);
        }
        foreach (var checkpoint in _checkpoints.Skip(_compared))
        {
            Report(
                $"The trail ends at entry {_tree.Size}, but a checkpoint{Of(checkpoint)} counts {checkpoint.Size}: its end was cut off."
            );
        }
        foreach (var (from, to) in _gaps.Where(gap => gap.To > (_purge?.Through ?? 0)))
        {
            Report($"Entries {from} to {to} are gone, and no purge tells of it.");
        }
        foreach (var (id, position) in _erased.Where(erased => !_erasures.Contains(erased.Key)))
        {
            Report(position, "has lost its details, and no erasure tells of it");
        }
        VerifyPurge();
        if (around is not null)
        {
            Verify(around);
        }
        return new AuditReport
        {
            Entries = _tree.Size,
            Purged = _gaps.Sum(gap => gap.To - gap.From + 1),
            Erased = _erased.Count,
            Waiting = around?.Waiting ?? 0,
            Checkpoints = _checkpoints.Count,
            Newest = _checkpoints.LastOrDefault(),
            Findings = _findings,
            Unlisted = _faults - _findings.Count,
        };
    }

    private void Verify(AuditEntry entry, AuditLink link, long position)
    {
        if (entry.Id != link.EntryId || !AuditChain.Leaf(workspaceId, entry).AsSpan().SequenceEqual(link.Leaf))
        {
            Report(position, "is not the one that was chained: it was changed or moved");
        }
        switch (entry.HasItsDetails)
        {
            case false:
                Report(position, "has other details than those that were chained");
                break;
            case null:
                _erased[entry.Id] = position;
                break;
        }
        Heed(entry, position);
    }

    private void Heed(AuditEntry entry, long position)
    {
        if (entry.Action.Equals(EraseAuditDetails.Action, StringComparison.Ordinal))
        {
            _erasures.Add(entry.SubjectId);
        }
        if (PurgeStatement.Of(entry) is { } purge && purge.Through > (_purge?.Through ?? 0))
        {
            if (purge.Through >= position || purge.KeepDays < AuditOptions.LeastDays || purge.Before > entry.At.AddDays(-purge.KeepDays))
            {
                Report(position, "tells of a purge that nobody could have ordered");
                return;
            }
            _purge = purge;
        }
    }

    // What was chained after a checkpoint cannot have been older than the limit of a purge that lies before it.
    private void VerifyPurge()
    {
        if (
            _purge is { } purge
            && _checkpoints.Find(checkpoint => checkpoint.Size < purge.Through && checkpoint.At > purge.Before + Slack) is { } early
        )
        {
            Report(
                $"Entries {early.Size + 1} to {purge.Through} were purged too early: the checkpoint{Of(early)} was signed before them, "
                    + $"and the purge was of entries from before {purge.Before.UtcDateTime:yyyy-MM-dd}."
            );
        }
    }

    private void Verify(AuditSurroundings around)
    {
        var head = around.Head ?? AuditHead.Begin(workspaceId);
        if (head.Size != _tree.Size || !head.Hash.AsSpan().SequenceEqual(_previous) || !head.Peaks.AsSpan().SequenceEqual(_tree.Peaks))
        {
            Report($"The head of the trail, which counts {head.Size} entries, does not fit its {_tree.Size} links.");
        }
        if (head.PurgedThrough != (_purge?.Through ?? 0))
        {
            Report($"The head of the trail counts {head.PurgedThrough} purged entries, and no purge tells of it.");
        }
        if (
            around.Nodes.Count != _nodes.Count
            || _nodes.Exists(node =>
                !around.Nodes.TryGetValue((node.Height, node.Index), out var kept) || !kept.AsSpan().SequenceEqual(node.Hash)
            )
        )
        {
            Report("The kept hashes of the tree are not those of its leaves: proofs made of them would fail.");
        }
        if (around.Beyond > 0)
        {
            Report($"{around.Beyond} links stand beyond the end of the trail.");
        }
        if (around.Unchained > 0)
        {
            Report(
                $"{around.Unchained} entries are not chained and do not wait for it: they were slipped in, or their links were removed."
            );
        }
    }

    private void KeepNode(TreeNode node)
    {
        if (node.Height % AuditTree.BlockHeight == 0)
        {
            _nodes.Add(node);
        }
    }

    private void EndGap()
    {
        if (_missing is { } gap)
        {
            _gaps.Add(gap);
        }
        _missing = null;
    }

    private static string Of(SignedCheckpoint checkpoint) =>
        checkpoint.At is { } at ? string.Create(CultureInfo.InvariantCulture, $" of {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : "";

    private void Report(long position, string what) => Report($"Entry {position} {what}.");

    private void Report(string finding)
    {
        _faults++;
        if (_findings.Count < AuditReport.MostFindings)
        {
            _findings.Add(finding);
        }
    }
}
