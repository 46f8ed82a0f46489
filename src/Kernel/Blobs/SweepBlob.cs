using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Blobs;

/// <summary>Removes a blob that nobody took over: its writer was killed, or gave up.</summary>
internal sealed class SweepBlob(WorkspaceScope door) : IJob
{
    public const string Kind = "blobs.sweep";

    /// <summary>Longer than any upload takes.</summary>
    public static readonly TimeSpan After = TimeSpan.FromDays(1);

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            ctx => ctx.ExecuteAsync($"delete from kernel.blob where id = {job.SubjectId} and kept_at is null", ct),
            ct
        );
}
