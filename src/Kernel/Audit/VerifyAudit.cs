using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>Verifies a workspace's trail in the database against checkpoints from outside.</summary>
public sealed class VerifyAudit(WorkspaceScope door, CheckpointStore store, CheckpointKeys keys)
{
    /// <param name="from">Another place than the configured one, such as a copy that somebody else has kept.</param>
    /// <param name="progress">Told the number of entries verified so far.</param>
    /// <exception cref="CheckpointStoreException">The checkpoints cannot be read.</exception>
    public async Task<AuditReport> RunAsync(Guid workspaceId, CheckpointStore? from, IProgress<long>? progress, CancellationToken ct)
    {
        // Read before the trail: one that is made meanwhile is not yet asked for.
        var (checkpoints, refused) = await ReadAsync(workspaceId, from ?? store, ct);
        var report = await door.RunAsync(
            workspaceId,
            Actor.Operator,
            async ctx =>
            {
                var around = await AuditSurroundings.ReadAsync(ctx, ct);
                var verification = new AuditVerification(workspaceId, checkpoints);
                var count = 0L;
                await foreach (var row in AuditRow.StreamAsync(ctx, around.Head?.Size ?? long.MaxValue, ct))
                {
                    verification.Add(row);
                    if (++count % 10_000 == 0)
                    {
                        progress?.Report(count);
                    }
                }
                return verification.Finish(around);
            },
            ct
        );
        return report with { Findings = [.. refused, .. report.Findings] };
    }

    private async Task<(List<SignedCheckpoint> Checkpoints, List<string> Refused)> ReadAsync(
        Guid workspaceId,
        CheckpointStore from,
        CancellationToken ct
    )
    {
        var key = await keys.OfAsync(workspaceId, ct);
        var (checkpoints, refused) = (new List<SignedCheckpoint>(), new List<string>());
        await foreach (var note in from.ListAsync(workspaceId, ct))
        {
            try
            {
                checkpoints.Add(key.Open(note));
            }
            catch (CheckpointException e)
            {
                refused.Add($"A checkpoint in {from.Description} cannot be believed. {e.Message}");
            }
        }
        return (checkpoints, refused);
    }
}
