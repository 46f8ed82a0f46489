using Microsoft.Extensions.Logging;
using Tenet.Kernel.Audit.Merkle;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>
/// Signs where a workspace's trail stands and puts that outside the database. It first proves to itself that the trail begins with what it
/// signed last, by the checkpoint that lies outside: it never signs two histories.
/// </summary>
public sealed partial class CheckpointPublisher(
    WorkspaceScope door,
    CheckpointStore store,
    CheckpointKeys keys,
    ILogger<CheckpointPublisher> logger
)
{
    /// <returns>The newest checkpoint; null when there is nothing to sign, or when the trail is at fault, which is recorded.</returns>
    /// <exception cref="CheckpointStoreException">The place of the checkpoints cannot be used now.</exception>
    public async Task<SignedCheckpoint?> PublishAsync(Guid workspaceId, CancellationToken ct)
    {
        var key = await keys.OfAsync(workspaceId, ct);
        var outside = await store.LatestAsync(workspaceId, ct);
        SignedCheckpoint? known = null;
        try
        {
            known = outside is null ? null : key.Open(outside);
        }
        catch (CheckpointException)
        {
            await FailAsync(workspaceId, AuditFault.ForeignCheckpoint, ct);
            return null;
        }
        var (head, fault) = await door.RunAsync(workspaceId, Actor.System, ctx => CompareAsync(ctx, key, known, ct), ct);
        if (fault is { } found)
        {
            await FailAsync(workspaceId, found, ct);
            return null;
        }
        if (head is not { Size: > 0 })
        {
            return null;
        }
        var signed =
            known?.Size == head.Size
                ? known
                : key.Open(await door.RunAsync(workspaceId, Actor.System, ctx => keys.SignAsync(ctx, head.Size, head.Root(), ct), ct));
        if (signed != known && await store.AddAsync(workspaceId, signed.Size, signed.Note, ct) is { } present)
        {
            // Another node was quicker, or a run was killed between putting it there and remembering it.
            signed = key.Open(present);
            if (!signed.Root.AsSpan().SequenceEqual(head.Root()))
            {
                await FailAsync(workspaceId, AuditFault.Rewritten, ct);
                return null;
            }
        }
        await door.RunAsync(workspaceId, Actor.System, ctx => AuditHead.RememberAsync(ctx, signed, ct), ct);
        return signed;
    }

    private static async Task<(AuditHead? Head, AuditFault? Fault)> CompareAsync(
        WorkspaceContext ctx,
        CheckpointKey key,
        SignedCheckpoint? known,
        CancellationToken ct
    )
    {
        var head = await AuditHead.FindAsync(ctx, ct);
        // When checkpoints move to another place, the last one is known from here.
        known ??= head?.PublishedNote is { } note ? key.Open(note) : null;
        if (known is null)
        {
            return (head, null);
        }
        if (head is null || head.Size < known.Size)
        {
            return (head, AuditFault.Truncated);
        }
        var proof = await new AuditTree().Proofs(ctx).ConsistencyAsync(known.Size, head.Size, ct);
        var consistent = MerkleTree.IsConsistent(known.Size, known.Root, head.Size, head.Root(), proof);
        return (head, consistent ? null : AuditFault.Rewritten);
    }

    private async Task FailAsync(Guid workspaceId, AuditFault fault, CancellationToken ct)
    {
        LogFault(workspaceId, fault);
        await door.RunAsync(workspaceId, Actor.System, ctx => AuditHead.RememberAsync(ctx, fault, ct), ct);
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The audit trail of workspace {WorkspaceId} is not the one that was signed before ({Fault}). Run: tenet audit verify"
    )]
    private partial void LogFault(Guid workspaceId, AuditFault fault);
}

/// <summary>A checkpoint, some time after the first entry that no checkpoint covers.</summary>
internal sealed class PublishCheckpoint(CheckpointPublisher publisher) : IJob
{
    public const string Kind = "audit.checkpoint";

    public Task RunAsync(JobRun job, CancellationToken ct) => publisher.PublishAsync(job.WorkspaceId, ct);
}
