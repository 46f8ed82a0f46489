using Tenet.Kernel.Blobs;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <summary>Makes the copy of a workspace. Killed meanwhile, it begins anew: a half-written one is swept away.</summary>
internal sealed class MakeWorkspaceExport(WorkspaceScope door, WriteWorkspaceFile write) : IJob
{
    public const string Kind = "privacy.export_workspace";

    /// <summary>Published when it is ready.</summary>
    public const string Topic = "privacy.workspace_export";

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        var isWaiting = await door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            ctx =>
                ctx.ScalarAsync<bool>(
                    $"select exists (select from privacy.workspace_export where id = {job.SubjectId} and state = 'waiting')",
                    ct
                ),
            ct
        );
        if (!isWaiting)
        {
            return;
        }
        var (blob, rows) = await write.RunAsync(job.WorkspaceId, ct);
        await door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                var made = await ctx.ExecuteAsync(
                    $"""
                    update privacy.workspace_export set state = 'ready', blob_id = {blob}, rows = {rows}, ready_at = {ctx.Now}
                     where id = {job.SubjectId} and state = 'waiting'
                    """,
                    ct
                );
                // Another run was quicker: its copy is the one, this one is swept away.
                if (made == 1)
                {
                    await BlobStore.KeepAsync(ctx, blob, ct);
                    ctx.Audit("workspace.export_ready", "export", job.SubjectId, new { rows });
                    ctx.Publish(Topic, job.SubjectId);
                }
            },
            ct
        );
    }
}

/// <summary>Ends a copy of a workspace that nobody fetched.</summary>
internal sealed class ExpireWorkspaceExport(WorkspaceScope door) : IJob
{
    public const string Kind = "privacy.expire_workspace_export";

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                await ctx.ExecuteAsync(
                    $"delete from kernel.blob where id = (select blob_id from privacy.workspace_export where id = {job.SubjectId} and expires_at <= {ctx.Now})",
                    ct
                );
                await ctx.ExecuteAsync(
                    $"""
                    update privacy.workspace_export set blob_id = null, state = case when state = 'taken' then 'taken' else 'expired' end
                     where id = {job.SubjectId} and expires_at <= {ctx.Now}
                    """,
                    ct
                );
            },
            ct
        );
}
