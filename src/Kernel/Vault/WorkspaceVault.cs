using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <summary>
/// Seals single values under the workspace's data key, which is wrapped by the master key. The wrapped key is read each time, so that a key
/// destroyed on any node is gone at once; only its unwrapping is remembered, by the wrapped bytes: a key whose row was rolled back can
/// never be mistaken for the one that was stored.
/// </summary>
public sealed class WorkspaceVault(MasterKey master) : IDisposable
{
    private readonly ConcurrentDictionary<(Guid Workspace, string Wrapped), SealedBox> _boxes = new();
    private readonly SealedBox _wrapping = new(master.Derive("workspace-keys"), 1);

    public async Task<byte[]> SealAsync(WorkspaceContext ctx, SealedPlace place, string text, CancellationToken ct)
    {
        var (version, wrapped) = await CurrentAsync(ctx, ct) ?? await BeginAsync(ctx, ct);
        return Box(ctx, version, wrapped).Seal(Encoding.UTF8.GetBytes(text), place.Bind(ctx.WorkspaceId, version));
    }

    /// <exception cref="CryptographicException">The value was changed or moved, or its key is destroyed.</exception>
    public async Task<string> OpenAsync(WorkspaceContext ctx, SealedPlace place, byte[] value, CancellationToken ct)
    {
        var version = SealedBox.VersionOf(value);
        var wrapped =
            await ctx.ScalarAsync<byte[]>($"select wrapped from kernel.workspace_key where version = {version}", ct)
            ?? throw new CryptographicException("The key of this value is destroyed.");
        return Encoding.UTF8.GetString(Box(ctx, version, wrapped).Open(value, place.Bind(ctx.WorkspaceId, version)));
    }

    private static Task<(int Version, byte[] Wrapped)?> CurrentAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync<(int, byte[])?>(
            $"select version, wrapped from kernel.workspace_key where destroyed_at is null order by version desc limit 1",
            row => (row.GetInt32(0), row.GetFieldValue<byte[]>(1)),
            ct
        );

    private async Task<(int Version, byte[] Wrapped)> BeginAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var wrapped = _wrapping.Seal(Secrets.Bytes(MasterKey.Length), KeyPlace.Bind(ctx.WorkspaceId, 1));
        // Two first uses at once: one row wins, both read it back.
        await ctx.ExecuteAsync($"insert into kernel.workspace_key (version, wrapped) values (1, {wrapped}) on conflict do nothing", ct);
        return await CurrentAsync(ctx, ct) ?? throw new CryptographicException("The key of this workspace is destroyed.");
    }

    private SealedBox Box(WorkspaceContext ctx, int version, byte[] wrapped) =>
        _boxes.GetOrAdd(
            (ctx.WorkspaceId, Convert.ToHexString(wrapped)),
            _ => new SealedBox(_wrapping.Open(wrapped, KeyPlace.Bind(ctx.WorkspaceId, version)), version)
        );

    private static SealedPlace KeyPlace => new("kernel.workspace_key", "wrapped", Guid.Empty);

    public void Dispose()
    {
        foreach (var box in _boxes.Values)
        {
            box.Dispose();
        }
        _wrapping.Dispose();
    }
}
