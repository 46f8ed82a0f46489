using System.Buffers.Text;
using System.Security.Cryptography;
using Tenet.Kernel;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <summary>Begins the copy of a whole workspace. Its link is told once: only the hash of its token is kept.</summary>
internal sealed class BeginWorkspaceExport(PolicySettings policy)
{
    /// <returns>The export, the token of its link, which names the workspace, and when it ends.</returns>
    public async Task<(Guid Id, string Token, DateTimeOffset End)> RunAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var end =
            (await policy.KeepAsync(ctx, BeginPersonExport.Rule, ct))?.After(ctx.Now)
            ?? throw new InvalidOperationException("No policy in force says how long copies are kept. Publish the house rules.");
        var id = Guid.CreateVersion7(ctx.Now);
        var secret = Secrets.Bytes(BeginPersonExport.SecretLength);
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.workspace_export (id, state, token_hash, requested_by, created_at, expires_at)
            values ({id}, 'waiting', {SHA256.HashData(secret)}, {ctx.Actor.Id}, {ctx.Now}, {end})
            """,
            ct
        );
        ctx.Enqueue(MakeWorkspaceExport.Kind, id, uniqueKey: id.ToString("N"));
        ctx.Enqueue(ExpireWorkspaceExport.Kind, id, end - ctx.Now);
        ctx.Audit("workspace.export_begun", "export", id);
        return (id, Base64Url.EncodeToString([.. ctx.WorkspaceId.ToByteArray(), .. secret]), end);
    }
}
