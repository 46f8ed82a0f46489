namespace Tenet.Knowledge.Ranking;

/// <summary>
/// An immutable inverted index over some pages' passages. Passages are numbered in order of their pages; a term's postings are ascending
/// passage numbers with one byte of weight each.
/// </summary>
internal sealed class Segment(
    Dictionary<string, int> terms,
    int[] starts,
    int[] passages,
    byte[] impacts,
    Guid[] chunks,
    Guid[] pages,
    int[] firstPassages,
    Language[] languages
)
{
    readonly Dictionary<Guid, int> pageNumbers = pages.Select((id, number) => (id, number)).ToDictionary(p => p.id, p => p.number);

    readonly Lazy<ILookup<(char, int), string>> byStart = new(() => terms.Keys.Where(t => t.Length > 0).ToLookup(t => (t[0], t.Length)));

    public int Count => chunks.Length;

    public Dictionary<string, int> Terms => terms;

    public IReadOnlyList<Language> Languages => languages;

    public ReadOnlySpan<Guid> Pages => pages;

    public long Postings => passages.Length;

    public Guid ChunkAt(int passage) => chunks[passage];

    public Guid PageAt(int passage) => pages[PageNumberAt(passage)];

    public int PageNumberAt(int passage)
    {
        var found = Array.BinarySearch(firstPassages, passage);
        return found >= 0 ? found : ~found - 1;
    }

    public bool Has(Guid page) => pageNumbers.ContainsKey(page);

    /// <summary>The passages of a page; empty when it is not in this segment.</summary>
    public Range PassagesOf(Guid page)
    {
        if (!pageNumbers.TryGetValue(page, out var number))
            return 0..0;
        return firstPassages[number]..(number + 1 < firstPassages.Length ? firstPassages[number + 1] : chunks.Length);
    }

    public bool TryGetPostings(string term, out ReadOnlySpan<int> termPassages, out ReadOnlySpan<byte> termImpacts)
    {
        if (!terms.TryGetValue(term, out var id))
        {
            termPassages = default;
            termImpacts = default;
            return false;
        }
        termPassages = passages.AsSpan(starts[id], starts[id + 1] - starts[id]);
        termImpacts = impacts.AsSpan(starts[id], starts[id + 1] - starts[id]);
        return true;
    }

    /// <summary>Terms with this first letter, at least and at most so long.</summary>
    public IEnumerable<string> TermsLike(char first, int least, int most) =>
        Enumerable.Range(least, most - least + 1).SelectMany(length => byStart.Value[(first, length)]);

    public int CountOf(int term) => starts[term + 1] - starts[term];

    public ReadOnlySpan<int> PassagesOf(int term) => passages.AsSpan(starts[term], starts[term + 1] - starts[term]);

    public ReadOnlySpan<byte> ImpactsOf(int term) => impacts.AsSpan(starts[term], starts[term + 1] - starts[term]);
}
