using System.Collections.Concurrent;
using Tenet.Kernel.Events;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Tenants;

/// <summary>Registered tenants by workspace and key id. Only those that exist are remembered: guessed ones fill no memory.</summary>
internal sealed class TenantBook : IDisposable
{
    /// <summary>Published when a tenant was connected, disconnected or checked.</summary>
    public const string Topic = "odoo.tenant";

    private readonly ConcurrentDictionary<(Guid Workspace, Guid Kid), ConnectedTenant> _known = new();
    private readonly WorkspaceScope _door;
    private readonly WorkspaceVault _vault;
    private readonly IDisposable _subscription;

    public TenantBook(WorkspaceScope door, WorkspaceVault vault, EventHub events)
    {
        (_door, _vault) = (door, vault);
        _subscription = events.Subscribe(Guid.Empty, Forget);
    }

    public void Dispose() => _subscription.Dispose();

    public async ValueTask<ConnectedTenant?> FindAsync(Guid workspaceId, Guid kid, CancellationToken ct)
    {
        if (_known.TryGetValue((workspaceId, kid), out var known))
        {
            return known;
        }
        var tenant = await _door.RunAsync(workspaceId, Actor.System, ctx => LoadAsync(ctx, kid, ct), ct);
        if (tenant is not null)
        {
            _known[(workspaceId, kid)] = tenant;
        }
        return tenant;
    }

    private async Task<ConnectedTenant?> LoadAsync(WorkspaceContext ctx, Guid kid, CancellationToken ct)
    {
        var row = await ctx.FirstOrDefaultAsync(
            $"select url, database, public_key, tenet_kid, tenet_key, disconnected_at is not null from odoo.tenant where id = {kid}",
            row => new
            {
                Url = new Uri(row.GetString(0)),
                Database = row.GetString(1),
                Key = row.GetFieldValue<byte[]>(2),
                TenetKid = row.GetGuid(3),
                Sealed = row.GetFieldValue<byte[]>(4),
                Ended = row.GetBoolean(5),
            },
            ct
        );
        if (row is null)
        {
            return null;
        }
        var own = await _vault.OpenBytesAsync(ctx, Tenant.KeyPlace(kid), row.Sealed, ct);
        return new ConnectedTenant(ctx.WorkspaceId, kid, row.Url, row.Database, row.TenetKid, row.Ended)
        {
            AddonKey = new KeyPool(() => EcKey.Public(row.Key)),
            TenetKey = new KeyPool(() => EcKey.Private(own)),
        };
    }

    private void Forget(WorkspaceEvent item)
    {
        if (item.Topic is WorkspaceEvent.Resync)
        {
            _known.Clear();
        }
        else if (item.Topic is Topic)
        {
            _known.TryRemove((item.WorkspaceId, item.Id), out _);
        }
        else if (item.Topic is "vault.keys")
        {
            foreach (var key in _known.Keys.Where(key => key.Workspace == item.WorkspaceId))
            {
                _known.TryRemove(key, out _);
            }
        }
    }
}
