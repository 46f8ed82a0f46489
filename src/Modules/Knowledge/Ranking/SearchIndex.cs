using System.Collections.Immutable;

namespace Tenet.Knowledge.Ranking;

/// <summary>
/// The lexical index of one workspace, in this process. Readers take a snapshot and never wait; writers are serial. Pages come and go in segments:
/// a removed page is masked, and small or thinned-out segments are merged.
/// </summary>
internal sealed class SearchIndex
{
    const int MostSegments = 8;

    readonly Lock writing = new();
    volatile Snapshot current = Snapshot.Empty;

    public Snapshot Current => current;

    /// <summary>Adds the segment's pages in place of what was indexed of them before.</summary>
    public void Add(Segment segment)
    {
        lock (writing)
            current = Merged(Without(current, segment.Pages.ToArray()).With(new LiveSegment(segment)));
    }

    public void Remove(IReadOnlyCollection<Guid> pages)
    {
        lock (writing)
            current = Without(current, pages);
    }

    static Snapshot Without(Snapshot snapshot, IReadOnlyCollection<Guid> pages) =>
        new([.. snapshot.Segments.Select(s => s.Without(pages)).Where(s => s.Count > 0)]);

    /// <summary>Keeps a few segments of growing size: everything not larger than twice what comes after it is merged into one.</summary>
    static Snapshot Merged(Snapshot snapshot)
    {
        if (snapshot.Segments.Length <= MostSegments)
            return snapshot;
        var segments = snapshot.Segments;
        var from = segments.Length - 1;
        var size = segments[from].Count;
        while (from > 0 && segments[from - 1].Count <= size * 2)
            size += segments[--from].Count;
        from = Math.Min(from, segments.Length - 2);
        return new([.. segments.Take(from), LiveSegment.Merge(segments.Skip(from))]);
    }
}

/// <summary>What a search sees: segments that no longer change.</summary>
internal sealed class Snapshot(ImmutableArray<LiveSegment> segments)
{
    public static readonly Snapshot Empty = new([]);

    public ImmutableArray<LiveSegment> Segments => segments;

    public int Count { get; } = segments.Sum(s => s.Count);

    public IReadOnlyList<Language> Languages { get; } = [.. segments.SelectMany(s => s.Segment.Languages).Distinct()];

    public Snapshot With(LiveSegment segment) => new(segments.Add(segment));

    /// <summary>In how many passages the term stands; removed ones count until their segment is merged.</summary>
    public int CountOf(string term)
    {
        var count = 0;
        foreach (var live in segments)
            count += live.Segment.Terms.TryGetValue(term, out var id) ? live.Segment.CountOf(id) : 0;
        return count;
    }
}
