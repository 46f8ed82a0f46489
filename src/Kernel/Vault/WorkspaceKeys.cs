using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <param name="Root">Version of the root key that wraps it; null once destroyed.</param>
public sealed record KeyVersion(int Version, int? Root, DateTimeOffset CreatedAt, DateTimeOffset? DestroyedAt);

/// <summary>The versions of one workspace's data key: listing, adding, destroying.</summary>
public sealed class WorkspaceKeys(WorkspaceVault vault)
{
    public static Task<List<KeyVersion>> ListAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"select version, wrapped, created_at, destroyed_at from vault.workspace_key order by version",
            row => new KeyVersion(
                row.GetInt32(0),
                row.IsDBNull(1) ? null : SealedHeader.Read(row.GetFieldValue<byte[]>(1)).Version,
                row.GetFieldValue<DateTimeOffset>(2),
                row.ValueOrNull<DateTimeOffset>(3)
            ),
            ct
        );

    /// <summary>
    /// Begins a new version: from the commit on everything is sealed under it. A job seals the older values again, and then destroys the
    /// older versions.
    /// </summary>
    /// <returns>The version; null when the workspace has sealed nothing yet, or its keys are destroyed.</returns>
    public async Task<int?> BeginRotationAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var live = (await ListAsync(ctx, ct)).FindAll(key => key.DestroyedAt is null);
        if (live.Count == 0)
        {
            return null;
        }
        if (live.Count == 1)
        {
            var next = live[0].Version + 1;
            var wrapped = vault.Wrap(ctx.WorkspaceId, next, Secrets.Bytes(MasterKey.Length));
            await ctx.ExecuteAsync(
                $"insert into vault.workspace_key (version, wrapped) values ({next}, {wrapped}) on conflict do nothing",
                ct
            );
            ctx.Audit("key.rotated", "workspace_key", ctx.WorkspaceId, new { version = next });
            live.Add(new(next, null, ctx.Now, null));
        }
        // Else an earlier rotation is not done yet: it is gone on with.
        ctx.Enqueue(ResealWorkspace.Kind, ctx.WorkspaceId, ResealWorkspace.Grace, uniqueKey: "reseal");
        return live[^1].Version;
    }

    /// <summary>Takes the waiting job back: the rotation is done.</summary>
    public Task<int> EndRotationAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ExecuteAsync(Jobs.JobStatements.Withdraw(ResealWorkspace.Kind, "reseal"), ct);

    /// <summary>
    /// Destroys every version: sealed columns, persons' keys and blobs of this workspace open nowhere from the commit on. There is no way back
    /// but an older copy of the wrapped keys.
    /// </summary>
    /// <returns>When it happened, by the database's clock; null when there was nothing to destroy.</returns>
    public Task<DateTimeOffset?> DestroyAsync(WorkspaceContext ctx, CancellationToken ct) => DestroyAsync(ctx, int.MaxValue, ct);

    internal static async Task<DateTimeOffset?> DestroyAsync(WorkspaceContext ctx, int below, CancellationToken ct)
    {
        var destroyed = await ctx.ListAsync(
            $"""
            update vault.workspace_key set wrapped = null, destroyed_at = clock_timestamp()
             where version < {below} and destroyed_at is null
            returning version, destroyed_at
            """,
            row => (Version: row.GetInt32(0), At: row.GetFieldValue<DateTimeOffset>(1)),
            ct
        );
        foreach (var (version, at) in destroyed)
        {
            ctx.Audit("key.destroyed", "workspace_key", ctx.WorkspaceId, new { version, at });
        }
        ctx.Publish(WorkspaceVault.Topic, ctx.WorkspaceId);
        return destroyed.Count > 0 ? destroyed.Max(key => key.At) : null;
    }

    /// <summary>Puts a workspace's key versions under the newest root key.</summary>
    /// <returns>How many were under an older one.</returns>
    internal async Task<int> RewrapAsync(WorkspaceContext ctx, int root, CancellationToken ct)
    {
        var old = await ctx.ListAsync(
            $"select version, wrapped from vault.workspace_key where substring(wrapped from 2 for 4) <> {SealedColumn.VersionBytes(root)}",
            row => (Version: row.GetInt32(0), Wrapped: row.GetFieldValue<byte[]>(1)),
            ct
        );
        foreach (var (version, wrapped) in old)
        {
            var renewed = vault.Wrap(ctx.WorkspaceId, version, vault.Unwrap(ctx.WorkspaceId, version, wrapped));
            await ctx.ExecuteAsync(
                $"update vault.workspace_key set wrapped = {renewed} where version = {version} and wrapped = {wrapped}",
                ct
            );
        }
        return old.Count;
    }

    internal static Task<bool> IsUnderOlderRootAsync(WorkspaceContext ctx, int root, CancellationToken ct) =>
        ctx.ScalarAsync<bool>(
            $"select exists (select from vault.workspace_key where substring(wrapped from 2 for 4) <> {SealedColumn.VersionBytes(root)})",
            ct
        );
}
