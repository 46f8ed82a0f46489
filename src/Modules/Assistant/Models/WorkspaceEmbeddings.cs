using System.ClientModel;
using System.Collections.Concurrent;
using System.Numerics.Tensors;
using Microsoft.Extensions.Logging;
using OpenAI.Embeddings;
using Tenet.Kernel.Events;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge;

namespace Tenet.Assistant;

/// <summary>Vectors by a workspace's provider, when its settings name an embedding model.</summary>
internal sealed partial class WorkspaceEmbeddings : IDisposable
{
    private const int MaxPerCall = 128;
    private const int MaxText = 8000;
    private readonly ConcurrentDictionary<Guid, Task<Embedder?>> embedders = new();
    private readonly WorkspaceScope door;
    private readonly SettingsStore store;
    private readonly Egress egress;
    private readonly ILogger<WorkspaceEmbeddings> logger;
    private readonly IDisposable subscription;

    public WorkspaceEmbeddings(
        WorkspaceScope door,
        SettingsStore store,
        Egress egress,
        EventHub events,
        ILogger<WorkspaceEmbeddings> logger
    )
    {
        (this.door, this.store, this.egress, this.logger) = (door, store, egress, logger);
        subscription = events.Subscribe(Guid.Empty, Forget);
    }

    /// <inheritdoc cref="EmbedTexts"/>
    public async Task<Embeddings?> EmbedAsync(Guid workspaceId, IReadOnlyList<string> texts, CancellationToken ct)
    {
        if (await ClientAsync(workspaceId, ct) is not { } embedder)
            return null;
        var vectors = new List<float[]>(texts.Count);
        try
        {
            foreach (var part in texts.Select(t => t.Length <= MaxText ? t : t[..MaxText]).Chunk(MaxPerCall))
            {
                OpenAIEmbeddingCollection answer = await embedder.Client.GenerateEmbeddingsAsync(part, cancellationToken: ct);
                vectors.AddRange(answer.OrderBy(e => e.Index).Select(e => Normalised(e.ToFloats())));
            }
        }
        catch (Exception e) when (e is ClientResultException or EgressException or HttpRequestException or System.Text.Json.JsonException)
        {
            EmbeddingFailed(workspaceId, (e as ClientResultException)?.Status ?? 0, e.GetType().Name);
            throw new EmbeddingsException("The provider gave no vectors.");
        }
        return vectors.Count == texts.Count
            ? new Embeddings(embedder.Model, vectors)
            : throw new EmbeddingsException("The provider gave another number of vectors than it was given texts.");
    }

    public void Dispose() => subscription.Dispose();

    private static float[] Normalised(ReadOnlyMemory<float> vector)
    {
        var unit = vector.ToArray();
        var length = TensorPrimitives.Norm<float>(unit);
        if (length > 0)
            TensorPrimitives.Divide(unit, length, unit);
        return unit;
    }

    private async Task<Embedder?> ClientAsync(Guid workspaceId, CancellationToken ct)
    {
        var client = embedders.GetOrAdd(workspaceId, LoadAsync);
        try
        {
            return await client.WaitAsync(ct);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            embedders.TryRemove(KeyValuePair.Create(workspaceId, client));
            throw;
        }
    }

    private Task<Embedder?> LoadAsync(Guid workspaceId) =>
        door.RunAsync(
            workspaceId,
            Actor.System,
            async ctx =>
            {
                var settings = await SettingsStore.LoadAsync(ctx, CancellationToken.None);
                if (settings.EmbeddingModel is not { } model || !Uri.TryCreate(settings.BaseUrl, UriKind.Absolute, out var url))
                    return null;
                var key = await store.OpenKeyAsync(ctx, settings, CancellationToken.None);
                var options = OpenAiChatClient.Options(egress.Client(ModelClients.Policy), url);
                var credential = new ApiKeyCredential(string.IsNullOrEmpty(key) ? "none" : key);
                return new Embedder(model, new EmbeddingClient(model, credential, options));
            },
            CancellationToken.None
        );

    private void Forget(WorkspaceEvent item)
    {
        if (item.Topic is WorkspaceEvent.Resync)
            embedders.Clear();
        else if (item.Topic is SettingsStore.Topic)
            embedders.TryRemove(item.WorkspaceId, out _);
    }

    private sealed record Embedder(string Model, EmbeddingClient Client);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The provider of {WorkspaceId} gave no vectors (HTTP {Status}, {Error}); words alone find the pages."
    )]
    private partial void EmbeddingFailed(Guid workspaceId, int status, string error);
}
