using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.Events;
using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <summary>A widget as requests need it.</summary>
internal sealed record LoadedWidget(Guid WorkspaceId, WidgetSettings Settings, string? IdentitySecret, bool IsClosed)
{
    public EmbedSite Site { get; } =
        new(WorkspaceId, Settings.AllowedOrigins, Settings.Name, Settings.Color, Settings.Theme, Settings.Language, Settings.PrivacyUrl);
}

/// <summary>Finds widgets by key and keeps them until they change.</summary>
internal sealed class WidgetDirectory : IDisposable
{
    private readonly ConcurrentDictionary<Guid, LoadedWidget> _loaded = new();
    private readonly WorkspaceScope _door;
    private readonly WorkspaceVault _vault;
    private readonly IDisposable _subscription;

    public WidgetDirectory(WorkspaceScope door, WorkspaceVault vault, EventHub events)
    {
        (_door, _vault) = (door, vault);
        _subscription = events.Subscribe(
            Guid.Empty,
            item =>
            {
                if (item.Topic is Topics.Widget or Workspace.ClosedTopic)
                {
                    _loaded.TryRemove(item.WorkspaceId, out _);
                }
                else if (item.Topic.Equals(WorkspaceEvent.Resync, StringComparison.Ordinal))
                {
                    _loaded.Clear();
                }
            }
        );
    }

    /// <exception cref="NotFoundException">No widget has this key (any more).</exception>
    public async Task<LoadedWidget> FindAsync(string key, CancellationToken ct)
    {
        var workspace = WidgetSettings.WorkspaceOf(key) ?? throw new NotFoundException("widget");
        var widget = await OfWorkspaceAsync(workspace, ct);
        return widget is not null && widget.Settings.Key.Equals(key, StringComparison.Ordinal)
            ? widget
            : throw new NotFoundException("widget");
    }

    public async Task<LoadedWidget?> OfWorkspaceAsync(Guid workspaceId, CancellationToken ct)
    {
        if (_loaded.TryGetValue(workspaceId, out var known))
        {
            return known;
        }
        var widget = await _door.RunAsync(
            workspaceId,
            Actor.System,
            async ctx =>
            {
                var settings = await ctx.Db<InboxDb>().Widgets.AsNoTracking().SingleOrDefaultAsync(ct);
                var isClosed = await ctx.ScalarAsync<bool>($"select closed_at is not null from kernel.workspace", ct);
                return settings is null ? null
                    : isClosed ? new LoadedWidget(workspaceId, settings, null, true)
                    : new LoadedWidget(workspaceId, settings, await OpenSecretAsync(ctx, settings, ct), false);
            },
            ct
        );
        return widget is null ? null : _loaded[workspaceId] = widget;
    }

    public async Task<string?> OpenSecretAsync(WorkspaceContext ctx, WidgetSettings settings, CancellationToken ct) =>
        settings.IdentitySecret is { } sealedSecret ? await _vault.OpenAsync(ctx, SecretPlace(settings.Id), sealedSecret, ct) : null;

    internal static SealedPlace SecretPlace(Guid id) => new("inbox.widget", "identity_secret", id);

    public void Dispose() => _subscription.Dispose();
}
