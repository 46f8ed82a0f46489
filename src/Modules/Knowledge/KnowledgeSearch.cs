using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Ranking;

namespace Tenet.Knowledge;

/// <summary>Finds the passages of a workspace that answer a question.</summary>
public sealed class KnowledgeSearch
{
    /// <summary>One page may not fill the list: its later passages say less than the first of another.</summary>
    const int LeastOfOnePage = 2;

    internal const int Candidates = 60;

    readonly KnowledgeIndexes indexes;

    /// <summary>A provider that takes longer is done without: the words alone find most of it.</summary>
    static readonly TimeSpan PatienceForVector = TimeSpan.FromSeconds(1.5);

    readonly WorkspaceScope door;
    readonly EmbedTexts? embed;
    readonly TimeProvider time;

    internal KnowledgeSearch(KnowledgeIndexes indexes, WorkspaceScope door, EmbedTexts? embed, TimeProvider time) =>
        (this.indexes, this.door, this.embed, this.time) = (indexes, door, embed, time);

    /// <summary>The best passages first; empty when nothing of the question is found.</summary>
    public async Task<IReadOnlyList<Passage>> FindAsync(Guid workspaceId, string question, int top, CancellationToken ct)
    {
        var hits = Spread(await RankAsync(workspaceId, question, ct), top);
        if (hits.Count == 0)
            return [];
        var ids = hits.Select(h => h.Chunk).ToArray();
        // The chunks first, whatever the planner knows: right after a crawl it takes the site for a few pages and would read them all.
        var found = await door.BatchAsync(
            workspaceId,
            Actor.System,
            batch =>
                batch.Add(
                    $"""
                    with found as materialized (
                      select workspace_id, id, page_id, heading, anchor, text from knowledge.chunk where id = any({ids}))
                    select c.id, p.title, c.heading, coalesce(p.link, p.url), c.anchor, c.text
                      from found c join knowledge.page p on p.workspace_id = c.workspace_id and p.id = c.page_id
                    """
                ),
            reader =>
                reader.ListAsync(
                    row => new Passage(
                        row.GetGuid(0),
                        row.GetString(1),
                        row.GetString(2),
                        Address(row.GetString(3), row.TextOrNull(4)),
                        row.GetString(5),
                        0
                    ),
                    ct
                ),
            ct
        );
        var byId = found.ToDictionary(p => p.ChunkId);
        return [.. hits.Where(h => byId.ContainsKey(h.Chunk)).Select(h => byId[h.Chunk] with { Score = h.Score })];
    }

    internal async Task<IReadOnlyList<Hit>> RankAsync(Guid workspaceId, string question, CancellationToken ct)
    {
        var index = (await indexes.GetAsync(workspaceId, ct)).Current;
        var words = PageEvidence.Weigh(Bm25.Find(index, Query.Parse(question, index), Candidates));
        if (embed is null || await indexes.GetVectorsAsync(workspaceId, ct) is not { Count: > 0 } vectors)
            return words;
        return
            await EmbedAsync(workspaceId, question, ct) is { } vector
            && vectors.Find(vector.Model, vector.Vectors[0], Candidates) is { Count: > 0 } near
            ? RankFusion.Fuse(words, near, Candidates)
            : words;
    }

    async Task<Embeddings?> EmbedAsync(Guid workspaceId, string question, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(PatienceForVector, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            return await embed!(workspaceId, [question], either.Token);
        }
        catch (Exception e) when (e is EmbeddingsException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    static List<Hit> Spread(IReadOnlyList<Hit> hits, int top)
    {
        var pages = new Dictionary<Guid, int>();
        var spread = new List<Hit>(top);
        var mostOfOnePage = Math.Max(LeastOfOnePage, top / 3);
        foreach (var hit in hits)
        {
            if (spread.Count == top)
                break;
            var seen = pages.GetValueOrDefault(hit.Page);
            if (seen == mostOfOnePage)
                continue;
            pages[hit.Page] = seen + 1;
            spread.Add(hit);
        }
        return spread;
    }

    /// <summary>Empty for what stands on no page.</summary>
    static string Address(string url, string? anchor) =>
        url.StartsWith("tenet:", StringComparison.Ordinal) ? ""
        : anchor is null || url.Contains('#', StringComparison.Ordinal) ? url
        : url + "#" + Uri.EscapeDataString(anchor);
}
