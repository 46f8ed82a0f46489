using System.Runtime.InteropServices;

namespace Tenet.Knowledge.Ranking;

/// <summary>Collects pages into a segment. Each distinct way a word is written is analysed once.</summary>
internal sealed class SegmentBuilder
{
    readonly Dictionary<string, int> terms = new(StringComparer.Ordinal);
    readonly Dictionary<Language, Dictionary<string, int[]>> analysed = [];
    readonly List<int> postingTerms = [];
    readonly List<int> postingPassages = [];
    readonly List<byte> postingImpacts = [];
    readonly List<Guid> chunks = [];
    readonly List<Guid> pages = [];
    readonly List<int> firstPassages = [];
    readonly HashSet<Guid> pagesSeen = [];
    readonly Dictionary<int, float> weights = [];
    readonly List<int> titleTerms = [];
    readonly List<int> headingTerms = [];
    readonly List<int> bodyTerms = [];

    public int Count => chunks.Count;

    /// <summary>Starts a page; its passages follow. A page comes once.</summary>
    public void StartPage(Guid page)
    {
        if (!pagesSeen.Add(page))
            throw new InvalidOperationException("A page is indexed once in a segment.");
        pages.Add(page);
        firstPassages.Add(chunks.Count);
    }

    public void Add(Guid chunk, Language language, string title, string heading, string text)
    {
        var passage = chunks.Count;
        chunks.Add(chunk);
        Read(title, language, titleTerms);
        Read(heading, language, headingTerms);
        Read(text, language, bodyTerms);
        weights.Clear();
        Weigh(titleTerms, Impact.OfTitle(titleTerms.Count));
        Weigh(headingTerms, Impact.OfHeading(headingTerms.Count));
        Weigh(bodyTerms, Impact.OfBody(bodyTerms.Count));
        foreach (var (term, weight) in weights)
        {
            postingTerms.Add(term);
            postingPassages.Add(passage);
            postingImpacts.Add(Impact.Encode(weight));
        }
    }

    /// <summary>Adds a passage of an existing segment as it is weighed there.</summary>
    public void AddPosting(string term, int passage, byte impact)
    {
        postingTerms.Add(TermId(term));
        postingPassages.Add(passage);
        postingImpacts.Add(impact);
    }

    public int AddChunk(Guid chunk)
    {
        chunks.Add(chunk);
        return chunks.Count - 1;
    }

    public void AddLanguages(IEnumerable<Language> languages)
    {
        foreach (var language in languages)
            analysed.TryAdd(language, new(StringComparer.Ordinal));
    }

    public Segment Build()
    {
        var starts = new int[terms.Count + 1];
        foreach (var term in postingTerms)
            starts[term + 1]++;
        for (var i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        var next = starts.AsSpan().ToArray();
        var passages = new int[postingTerms.Count];
        var impacts = new byte[postingTerms.Count];
        for (var i = 0; i < postingTerms.Count; i++)
        {
            var at = next[postingTerms[i]]++;
            passages[at] = postingPassages[i];
            impacts[at] = postingImpacts[i];
        }
        terms.TrimExcess();
        return new Segment(terms, starts, passages, impacts, [.. chunks], [.. pages], [.. firstPassages], [.. analysed.Keys]);
    }

    void Weigh(List<int> fieldTerms, float weight)
    {
        foreach (var term in fieldTerms)
            CollectionsMarshal.GetValueRefOrAddDefault(weights, term, out _) += weight;
    }

    void Read(string text, Language language, List<int> into)
    {
        into.Clear();
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(analysed, language, out _);
        known ??= new(StringComparer.Ordinal);
        var lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        var runs = new WordRuns(text);
        while (runs.Next())
        {
            if (!lookup.TryGetValue(runs.Current, out var ids))
            {
                ids = [.. Analyzer.Terms(runs.Current, language).Select(TermId)];
                known[runs.Current.ToString()] = ids;
            }
            into.AddRange(ids);
        }
    }

    int TermId(string term)
    {
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(terms, term, out var exists);
        if (!exists)
            id = terms.Count - 1;
        return id;
    }
}
