using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Audit.Merkle;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>That an entry is in a workspace's trail: its place and the hashes that lead from it to the root of a signed checkpoint.</summary>
/// <param name="Position">From 0.</param>
/// <param name="Checkpoint">The signed note, as it lies outside the database.</param>
/// <param name="Key">What verifies the note.</param>
public sealed record AuditProof(
    Guid Entry,
    long Position,
    long Size,
    byte[] Leaf,
    IReadOnlyList<byte[]> Hashes,
    string Checkpoint,
    string Key
)
{
    /// <summary>By itself: needs neither network nor database. That the key is the log's own, a reader compares.</summary>
    public bool Holds(Guid workspaceId)
    {
        try
        {
            var key = CheckpointKey.Parse(Key);
            var signed = key.Open(Checkpoint);
            return key.Name.Equals(CheckpointKey.OriginOf(workspaceId), StringComparison.Ordinal)
                && signed.Size == Size
                && MerkleTree.Includes(signed.Root, Position, Size, Leaf, Hashes);
        }
        catch (Exception e) when (e is FormatException or CheckpointException)
        {
            return false;
        }
    }
}

/// <summary>Makes such proofs for documents that outlive the trail.</summary>
public sealed class AuditProofs
{
    private readonly WorkspaceScope _door;
    private readonly AuditSequencer _sequencer;
    private readonly CheckpointPublisher _publisher;
    private readonly CheckpointKeys _keys;

    internal AuditProofs(WorkspaceScope door, AuditSequencer sequencer, CheckpointPublisher publisher, CheckpointKeys keys) =>
        (_door, _sequencer, _publisher, _keys) = (door, sequencer, publisher, keys);

    /// <summary>Of the newest entry of an action about a subject. Chains it and has a checkpoint signed that covers it.</summary>
    /// <returns>Null when there is no such entry, or the trail is at fault.</returns>
    /// <exception cref="CheckpointStoreException">The place of the checkpoints cannot be used now.</exception>
    public async Task<AuditProof?> OfAsync(Guid workspaceId, string action, Guid subject, CancellationToken ct)
    {
        await _sequencer.SequenceAsync(workspaceId, ct);
        if (await _publisher.PublishAsync(workspaceId, ct) is not { } signed)
        {
            return null;
        }
        var key = await _keys.OfAsync(workspaceId, ct);
        return await _door.RunAsync(workspaceId, Actor.System, ctx => ReadAsync(ctx, signed, key, action, subject, ct), ct);
    }

    private static async Task<AuditProof?> ReadAsync(
        WorkspaceContext ctx,
        SignedCheckpoint signed,
        CheckpointKey key,
        string action,
        Guid subject,
        CancellationToken ct
    )
    {
        var found = await ctx.FirstOrDefaultAsync<(Guid Id, long Position, byte[] Leaf)?>(
            $"""
            select e.id, l.position, l.leaf from audit.entry e
              join audit.link l on l.workspace_id = e.workspace_id and l.entry_id = e.id
             where e.subject_id = {subject} and e.action = {action} and l.position <= {signed.Size} order by e.id desc limit 1
            """,
            row => (row.GetGuid(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2)),
            ct
        );
        return found is { } entry
            ? new AuditProof(
                entry.Id,
                entry.Position - 1,
                signed.Size,
                entry.Leaf,
                await new AuditTree().Proofs(ctx).InclusionAsync(entry.Position - 1, signed.Size, ct),
                signed.Note,
                key.ToString()
            )
            : null;
    }
}
