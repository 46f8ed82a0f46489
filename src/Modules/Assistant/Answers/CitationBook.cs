using Tenet.Knowledge;

namespace Tenet.Assistant;

/// <summary>
/// The passages of one turn, as the model numbers them from 1, and the citations of its answer, numbered in the order in which
/// the reader meets them. Passages of one heading share a citation.
/// </summary>
internal sealed class CitationBook
{
    private readonly List<Passage> passages = [];
    private readonly List<Citation> citations = [];

    public IReadOnlyList<Passage> Passages => passages;

    public IReadOnlyList<Citation> Citations => citations;

    /// <returns>The number of the first passage added; passages that are already in the book keep theirs.</returns>
    public void Add(IEnumerable<Passage> found)
    {
        foreach (var passage in found)
        {
            if (!passages.Exists(p => p.ChunkId == passage.ChunkId))
                passages.Add(passage);
        }
    }

    /// <summary>The citation's number for a passage's number, or null when there is no such passage.</summary>
    public int? Cite(int passageNumber)
    {
        if (passageNumber < 1 || passageNumber > passages.Count)
            return null;
        var passage = passages[passageNumber - 1];
        var known = citations.Find(c =>
            c.ChunkId == passage.ChunkId
            || (
                passage.Url.Length > 0
                && string.Equals(c.Url, passage.Url, StringComparison.Ordinal)
                && string.Equals(c.Heading, passage.Heading, StringComparison.Ordinal)
            )
        );
        if (known is not null)
            return known.Number;
        citations.Add(new Citation(citations.Count + 1, passage.PageTitle, passage.Heading, passage.Url, passage.ChunkId));
        return citations.Count;
    }

    /// <summary>Another answer begins: its citations are numbered anew.</summary>
    public void Restart() => citations.Clear();
}
