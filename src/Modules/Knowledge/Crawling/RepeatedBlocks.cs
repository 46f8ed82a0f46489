using Tenet.Knowledge.Documents;

namespace Tenet.Knowledge.Crawling;

/// <summary>
/// Blocks that stand word for word on many pages of a site (a notice, an address, a call to subscribe) say nothing of the page.
/// They are learnt from its first pages and kept with the source.
/// </summary>
internal sealed class RepeatedBlocks(IEnumerable<long>? known)
{
    /// <summary>How many pages are looked at before anything is left out.</summary>
    public const int Sample = 24;

    const int FewestPages = 6;
    const double Share = 0.4;

    readonly HashSet<long> repeated = [.. known ?? []];

    public IReadOnlyCollection<long> Hashes => repeated;

    public void Learn(IReadOnlyCollection<Document> pages)
    {
        if (pages.Count < FewestPages)
            return;
        var counts = new Dictionary<long, int>();
        foreach (var page in pages)
        {
            foreach (var hash in page.Sections.SelectMany(s => s.Blocks).Select(HashOf).Distinct())
                counts[hash] = counts.GetValueOrDefault(hash) + 1;
        }
        repeated.UnionWith(counts.Where(c => c.Value >= FewestPages && c.Value >= pages.Count * Share).Select(c => c.Key));
    }

    public Document Without(Document document)
    {
        if (repeated.Count == 0)
            return document;
        foreach (var section in document.Sections)
            section.Blocks.RemoveAll(block => repeated.Contains(HashOf(block)));
        return document;
    }

    /// <summary>FNV-1a: the same in every process, and nothing here needs a defence against collisions.</summary>
    static long HashOf(Block block)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in block.Text)
            hash = unchecked((hash ^ c) * 1099511628211UL);
        return unchecked((long)hash);
    }
}
