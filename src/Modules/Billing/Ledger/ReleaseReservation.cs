using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Ledger;

/// <summary>Stands over each reservation: stored with it, taken back when the turn ends. When it comes due, the turn was lost with its host.</summary>
internal sealed class ReleaseReservation(WorkspaceScope door) : IJob
{
    public const string Kind = "billing.release_reservation";

    /// <summary>Longer than any turn: it ends with its user's token, which lives for minutes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    public static string KeyOf(Guid turnId) => turnId.ToString("N");

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.BatchAsync(
            job.WorkspaceId,
            Actor.System,
            batch =>
            {
                batch.Add(Booking.Lock(job.WorkspaceId));
                batch.Add(Booking.Release(job.SubjectId, batch.Now));
            },
            ct
        );
}
