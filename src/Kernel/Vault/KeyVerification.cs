using Tenet.Kernel.Blobs;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <summary>What opens and what does not, of one workspace or of the installation.</summary>
/// <param name="Shredded">Values whose key was destroyed: meant to be unreadable.</param>
/// <param name="Broken">Values that should open and do not, by place.</param>
public sealed record VerifiedKeys(long Keys, long Values, long Shredded, IReadOnlyList<string> Broken);

/// <summary>Opens every key and every sealed value, and says which do not. Nothing that was opened is kept or shown.</summary>
public sealed class KeyVerification(
    KeyRing keys,
    InstallationVault installation,
    WorkspaceVault vault,
    DataMap map,
    WorkspaceScope door,
    SystemScope system,
    BlobStore blobs
)
{
    /// <summary>What the installation itself has sealed. That its root keys open, the start has shown.</summary>
    public async Task<VerifiedKeys> InstallationAsync(CancellationToken ct)
    {
        var tally = new Tally { Keys = keys.Roots.Count };
        foreach (var column in SealedColumn.Of(map, KeyKind.Installation))
        {
            for (var after = Guid.Empty; ; )
            {
                var batch = await system.RunAsync(s => column.AllAsync(s, after, ct), ct);
                foreach (var (id, value) in batch)
                {
                    tally.Look(column, id, () => installation.OpenBytes(column.Place(id), value));
                }
                if (batch.Count == 0)
                {
                    break;
                }
                after = batch[^1].Id;
            }
        }
        return tally.Result;
    }

    /// <summary>A workspace's key versions, persons' keys and sealed columns; with <paramref name="withBlobs"/> every blob from end to end.</summary>
    public async Task<VerifiedKeys> WorkspaceAsync(Guid workspace, bool withBlobs, CancellationToken ct)
    {
        var tally = new Tally();
        await door.RunAsync(workspace, Actor.Operator, ctx => VersionsAsync(ctx, tally, ct), ct);
        foreach (var column in SealedColumn.Of(map, KeyKind.Workspace))
        {
            for (var after = Guid.Empty; ; )
            {
                var start = after;
                var last = await door.RunAsync(workspace, Actor.Operator, ctx => BatchAsync(ctx, column, start, tally, ct), ct);
                if (last is not { } id)
                {
                    break;
                }
                after = id;
            }
        }
        if (withBlobs)
        {
            foreach (var blob in await door.RunAsync(workspace, Actor.Operator, ctx => BlobStore.ListAsync(ctx, ct), ct))
            {
                await tally.LookAsync($"kernel.blob_chunk of {blob}", () => blobs.VerifyAsync(workspace, blob, ct));
            }
        }
        return tally.Result;
    }

    private async Task VersionsAsync(WorkspaceContext ctx, Tally tally, CancellationToken ct)
    {
        var rows = await ctx.ListAsync(
            $"select version, wrapped from vault.workspace_key where destroyed_at is null",
            row => (Version: row.GetInt32(0), Wrapped: row.GetFieldValue<byte[]>(1)),
            ct
        );
        foreach (var (version, wrapped) in rows)
        {
            tally.Keys++;
            tally.Look($"vault.workspace_key version {version}", () => vault.Unwrap(ctx.WorkspaceId, version, wrapped), counts: false);
        }
    }

    private async Task<Guid?> BatchAsync(WorkspaceContext ctx, SealedColumn column, Guid after, Tally tally, CancellationToken ct)
    {
        var batch = await column.AllAsync(ctx, after, ct);
        foreach (var (id, value) in batch)
        {
            await tally.LookAsync($"{column.Table}.{column.Column} of {id}", () => vault.OpenBytesAsync(ctx, column.Place(id), value, ct));
        }
        return batch.Count > 0 ? batch[^1].Id : null;
    }

    private sealed class Tally
    {
        private const int MaxNamed = 20;
        private readonly List<string> _broken = [];
        private long _values;
        private long _shredded;

        public long Keys { get; set; }

        public VerifiedKeys Result => new(Keys, _values, _shredded, _broken);

        public void Look(SealedColumn column, Guid id, Func<byte[]> open) => Look($"{column.Table}.{column.Column} of {id}", open);

        public void Look(string place, Func<byte[]> open, bool counts = true)
        {
            try
            {
                open();
                _values += counts ? 1 : 0;
            }
            catch (SealException e)
            {
                Note(place, e);
            }
        }

        public async Task LookAsync(string place, Func<Task> open)
        {
            try
            {
                await open();
                _values++;
            }
            catch (SealException e)
            {
                Note(place, e);
            }
        }

        private void Note(string place, SealException e)
        {
            if (e.Failure == SealFailure.KeyDestroyed)
            {
                _shredded++;
            }
            else if (_broken.Count < MaxNamed)
            {
                _broken.Add($"{place}: {e.Message}");
            }
            else if (_broken.Count == MaxNamed)
            {
                _broken.Add("… and more");
            }
        }
    }
}
