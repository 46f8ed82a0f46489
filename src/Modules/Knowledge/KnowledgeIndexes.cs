using System.Collections.Concurrent;
using Tenet.Kernel.Events;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Ranking;

namespace Tenet.Knowledge;

/// <summary>
/// The indexes of the workspaces this node is asked about, each built from its own workspace's rows through the one door, kept current by events,
/// and let go when unused.
/// </summary>
internal sealed class KnowledgeIndexes : IDisposable
{
    const int MostPassagesOfASegment = 20_000;
    static readonly TimeSpan Unused = TimeSpan.FromMinutes(30);

    readonly ConcurrentDictionary<Guid, Entry> entries = new();
    readonly WorkspaceScope door;
    readonly TimeProvider time;
    readonly IDisposable subscription;

    public KnowledgeIndexes(WorkspaceScope door, EventHub events, TimeProvider time)
    {
        (this.door, this.time) = (door, time);
        subscription = events.Subscribe(Guid.Empty, OnEvent);
    }

    public async Task<SearchIndex> GetAsync(Guid workspaceId, CancellationToken ct)
    {
        LetGoUnused();
        var entry = entries.GetOrAdd(workspaceId, id => new Entry(this, id));
        entry.LastUsed = time.GetUtcNow();
        try
        {
            return await entry.Loading.Value.WaitAsync(ct);
        }
        catch when (entry.Loading.Value.IsFaulted)
        {
            entries.TryRemove(new(workspaceId, entry));
            throw;
        }
    }

    /// <summary>Empty where the workspace's provider has made none.</summary>
    public async Task<VectorIndex> GetVectorsAsync(Guid workspaceId, CancellationToken ct)
    {
        var entry = entries.GetOrAdd(workspaceId, id => new Entry(this, id));
        var loading = entry.Vectors;
        try
        {
            return await loading.Value.WaitAsync(ct);
        }
        catch when (loading.Value.IsFaulted)
        {
            entry.ForgetVectors();
            throw;
        }
    }

    /// <summary>A committed batch of this node; other nodes hear of it by event and read it.</summary>
    public void Apply(Guid workspaceId, Guid batchId, Segment? segment, IReadOnlyCollection<Guid> changedPages)
    {
        if (!entries.TryGetValue(workspaceId, out var entry) || !entry.Loading.Value.IsCompletedSuccessfully || !entry.Applied(batchId))
            return;
        var index = entry.Loading.Value.Result;
        if (segment is null || changedPages.Count > segment.Pages.Length)
            index.Remove(changedPages);
        if (segment is not null)
            index.Add(segment);
    }

    public void Dispose() => subscription.Dispose();

    void OnEvent(WorkspaceEvent item)
    {
        if (item.Topic is WorkspaceEvent.Resync)
            entries.Clear();
        else if (item.Topic is KnowledgeTopics.Removed)
            entries.TryRemove(item.WorkspaceId, out _);
        else if (item.Topic is KnowledgeTopics.Vectors && entries.TryGetValue(item.WorkspaceId, out var known))
            known.ForgetVectors();
        else if (item.Topic is PageBatch.Topic && entries.TryGetValue(item.WorkspaceId, out var entry))
            entry.Reread(item.Id);
    }

    void LetGoUnused()
    {
        var since = time.GetUtcNow() - Unused;
        foreach (var entry in entries)
        {
            if (entry.Value.LastUsed < since)
                entries.TryRemove(entry);
        }
    }

    Task<SearchIndex> LoadAsync(Guid workspaceId) => ReadAsync(workspaceId, PassagesWhere($"true"), new SearchIndex());

    static Sql PassagesWhere(Sql condition) =>
        $"""
            select c.id, c.page_id, p.language, p.title, c.heading, c.text
              from knowledge.chunk c join knowledge.page p on p.workspace_id = c.workspace_id and p.id = c.page_id
             where {condition}
             order by c.page_id, c.ordinal
            """;

    async Task<SearchIndex> ReadAsync(Guid workspaceId, Sql passages, SearchIndex index)
    {
        await door.RunAsync(
            workspaceId,
            Actor.System,
            async context =>
            {
                var builder = new SegmentBuilder();
                var page = Guid.Empty;
                await foreach (
                    var row in context.StreamAsync(
                        passages,
                        r =>
                            (
                                Chunk: r.GetGuid(0),
                                Page: r.GetGuid(1),
                                Language: r.TextOrNull(2),
                                Title: r.GetString(3),
                                Heading: r.GetString(4),
                                Text: r.GetString(5)
                            ),
                        CancellationToken.None
                    )
                )
                {
                    if (row.Page != page)
                    {
                        if (builder.Count >= MostPassagesOfASegment)
                        {
                            index.Add(builder.Build());
                            builder = new SegmentBuilder();
                        }
                        page = row.Page;
                        builder.StartPage(page);
                    }
                    builder.Add(row.Chunk, Language.Of(row.Language) ?? Language.Other, row.Title, row.Heading, row.Text);
                }
                if (builder.Count > 0)
                    index.Add(builder.Build());
            },
            CancellationToken.None
        );
        return index;
    }

    sealed class Entry(KnowledgeIndexes owner, Guid workspaceId)
    {
        readonly ConcurrentDictionary<Guid, bool> applied = new();

        public Lazy<Task<SearchIndex>> Loading { get; } = new(() => Task.Run(() => owner.LoadAsync(workspaceId)));

        public Lazy<Task<VectorIndex>> Vectors { get; private set; } = Lazily(owner, workspaceId);

        public void ForgetVectors() => Vectors = Lazily(owner, workspaceId);

        static Lazy<Task<VectorIndex>> Lazily(KnowledgeIndexes owner, Guid workspaceId) =>
            new(() => Task.Run(() => VectorIndex.LoadAsync(owner.door, workspaceId)));

        public DateTimeOffset LastUsed { get; set; }

        /// <summary>True the first time.</summary>
        public bool Applied(Guid batchId) => applied.TryAdd(batchId, true);

        public void Reread(Guid batchId)
        {
            // After a moment: this node's own batches are applied right after their commit, without reading them again.
            _ = Task.Run(() => RereadAsync(batchId));
        }

        async Task RereadAsync(Guid batchId)
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), owner.time, CancellationToken.None);
                if (!Loading.IsValueCreated || !Applied(batchId))
                    return;
                var index = await Loading.Value;
                var changed = await owner.door.RunAsync(
                    workspaceId,
                    Actor.System,
                    context =>
                        context.ListAsync(
                            $"select id from knowledge.page where batch_id = {batchId}",
                            r => r.GetGuid(0),
                            CancellationToken.None
                        ),
                    CancellationToken.None
                );
                index.Remove(changed);
                await owner.ReadAsync(workspaceId, PassagesWhere($"p.batch_id = {batchId}"), index);
            }
            catch (Exception)
            {
                // Rather read everything again at the next question than miss a page.
                owner.entries.TryRemove(new(workspaceId, this));
            }
        }
    }
}
