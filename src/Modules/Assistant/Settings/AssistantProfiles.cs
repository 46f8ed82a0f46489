using System.Collections.Concurrent;
using Tenet.Kernel.Events;
using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>Each workspace's assistant, made on first use and kept until its settings or its name change: a turn reads no settings.</summary>
internal sealed class AssistantProfiles : IDisposable
{
    private readonly ConcurrentDictionary<Guid, Lazy<Task<AssistantProfile>>> profiles = new();
    private readonly WorkspaceScope door;
    private readonly SettingsStore store;
    private readonly ModelClients clients;
    private readonly IDisposable subscription;

    public AssistantProfiles(WorkspaceScope door, SettingsStore store, ModelClients clients, EventHub events)
    {
        (this.door, this.store, this.clients) = (door, store, clients);
        subscription = events.Subscribe(Guid.Empty, Forget);
    }

    public async ValueTask<AssistantProfile> GetAsync(Guid workspaceId, CancellationToken ct)
    {
        // Not bound to the caller that comes first: others wait for the same profile.
        var profile = profiles.GetOrAdd(workspaceId, id => new Lazy<Task<AssistantProfile>>(() => LoadAsync(id)));
        try
        {
            return await profile.Value.WaitAsync(ct);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            profiles.TryRemove(KeyValuePair.Create(workspaceId, profile));
            throw;
        }
    }

    public void Dispose() => subscription.Dispose();

    private void Forget(WorkspaceEvent item)
    {
        if (item.Topic is WorkspaceEvent.Resync)
            profiles.Clear();
        else if (item.Topic is SettingsStore.Topic or "kernel.workspace")
            profiles.TryRemove(item.WorkspaceId, out _);
    }

    private Task<AssistantProfile> LoadAsync(Guid workspaceId) =>
        door.RunAsync(
            workspaceId,
            Actor.System,
            async ctx =>
            {
                var name = await ctx.ScalarAsync<string>($"select name from kernel.workspace", CancellationToken.None) ?? "";
                var settings = await SettingsStore.LoadAsync(ctx, CancellationToken.None);
                var key = await store.OpenKeyAsync(ctx, settings, CancellationToken.None);
                return clients.Create(settings, key) is { } client ? Profile(name, settings, client) : AssistantProfile.Excerpts(name);
            },
            CancellationToken.None
        );

    private static AssistantProfile Profile(string name, AssistantSettings settings, Microsoft.Extensions.AI.IChatClient client) =>
        new(
            name,
            settings.Provider,
            settings.Model,
            new Uri(settings.BaseUrl).Host,
            client,
            TurnPrompt.System(name, settings.Tone),
            settings.MaxOutputTokens,
            settings.DailyTokens,
            settings.OverBudget,
            settings.LinkHosts.ToHashSet(StringComparer.OrdinalIgnoreCase),
            settings.UsesTools
        );
}
