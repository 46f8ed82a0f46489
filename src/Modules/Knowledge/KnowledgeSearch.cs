using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Ranking;

namespace Tenet.Knowledge;

/// <summary>Finds the passages of a workspace that answer a question.</summary>
public sealed class KnowledgeSearch
{
    /// <summary>One page may not fill the list: the third passage of a page says less than the first of another.</summary>
    const int MostOfOnePage = 2;

    internal const int Candidates = 60;

    readonly KnowledgeIndexes indexes;
    readonly WorkspaceScope door;

    internal KnowledgeSearch(KnowledgeIndexes indexes, WorkspaceScope door) => (this.indexes, this.door) = (indexes, door);

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
                        Address(row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4)),
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
        return PageEvidence.Weigh(Bm25.Find(index, Query.Parse(question, index.Languages), Candidates));
    }

    static List<Hit> Spread(IReadOnlyList<Hit> hits, int top)
    {
        var pages = new Dictionary<Guid, int>();
        var spread = new List<Hit>(top);
        foreach (var hit in hits)
        {
            if (spread.Count == top)
                break;
            var seen = pages.GetValueOrDefault(hit.Page);
            if (seen == MostOfOnePage)
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
