using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <summary>Seals single values under the workspace's data key, which is wrapped by the master key.</summary>
public sealed class WorkspaceVault(MasterKey master) : IDisposable
{
    private readonly ConcurrentDictionary<(Guid Workspace, int Version), SealedBox> _boxes = new();
    private readonly SealedBox _wrapping = new(master.Derive("workspace-keys"), 1);

    public async Task<byte[]> SealAsync(WorkspaceContext ctx, SealedPlace place, string text, CancellationToken ct)
    {
        var version = await CurrentVersionAsync(ctx, ct);
        var box = await BoxAsync(ctx, version, ct);
        return box.Seal(Encoding.UTF8.GetBytes(text), place.Bind(ctx.WorkspaceId, version));
    }

    /// <exception cref="CryptographicException">The value was changed or moved, or its key is destroyed.</exception>
    public async Task<string> OpenAsync(WorkspaceContext ctx, SealedPlace place, byte[] value, CancellationToken ct)
    {
        var version = SealedBox.VersionOf(value);
        var box = await BoxAsync(ctx, version, ct);
        return Encoding.UTF8.GetString(box.Open(value, place.Bind(ctx.WorkspaceId, version)));
    }

    private async Task<int> CurrentVersionAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var version = await ctx.ScalarAsync<int>($"select max(version) from kernel.workspace_key where destroyed_at is null", ct);
        if (version > 0)
        {
            return version;
        }
        var wrapped = _wrapping.Seal(Secrets.Bytes(MasterKey.Length), KeyPlace.Bind(ctx.WorkspaceId, 1));
        // Two first uses at once: one row wins, both read it back.
        await ctx.ExecuteAsync($"insert into kernel.workspace_key (version, wrapped) values (1, {wrapped}) on conflict do nothing", ct);
        return 1;
    }

    private async Task<SealedBox> BoxAsync(WorkspaceContext ctx, int version, CancellationToken ct)
    {
        if (_boxes.TryGetValue((ctx.WorkspaceId, version), out var box))
        {
            return box;
        }
        var wrapped =
            await ctx.ScalarAsync<byte[]>($"select wrapped from kernel.workspace_key where version = {version}", ct)
            ?? throw new CryptographicException("The key of this value is destroyed.");
        var key = _wrapping.Open(wrapped, KeyPlace.Bind(ctx.WorkspaceId, version));
        return _boxes.GetOrAdd((ctx.WorkspaceId, version), _ => new SealedBox(key, version));
    }

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
