namespace Tenet.Knowledge.Ranking;

/// <summary>A segment and which of its passages are gone. Immutable.</summary>
internal sealed class LiveSegment(Segment segment, ulong[]? removed = null, int removedCount = 0)
{
    public Segment Segment => segment;

    public int Count => segment.Count - removedCount;

    public bool IsRemoved(int passage) => removed is not null && (removed[passage >> 6] & (1UL << (passage & 63))) != 0;

    public bool HasRemoved => removedCount > 0;

    public LiveSegment Without(IReadOnlyCollection<Guid> pages)
    {
        ulong[]? mask = null;
        var count = removedCount;
        foreach (var page in pages)
        {
            var (start, length) = segment.PassagesOf(page).GetOffsetAndLength(segment.Count);
            for (var passage = start; passage < start + length; passage++)
            {
                mask ??= removed is null ? new ulong[(segment.Count + 63) / 64] : [.. removed];
                ref var bits = ref mask[passage >> 6];
                var bit = 1UL << (passage & 63);
                count += (bits & bit) == 0 ? 1 : 0;
                bits |= bit;
            }
        }
        return mask is null ? this : new LiveSegment(segment, mask, count);
    }

    public static LiveSegment Merge(IEnumerable<LiveSegment> parts)
    {
        var builder = new SegmentBuilder();
        foreach (var part in parts)
            part.CopyTo(builder);
        return new LiveSegment(builder.Build());
    }

    void CopyTo(SegmentBuilder builder)
    {
        builder.AddLanguages(segment.Languages);
        var numbers = new int[segment.Count];
        var page = -1;
        for (var passage = 0; passage < numbers.Length; passage++)
        {
            numbers[passage] = -1;
            if (IsRemoved(passage))
                continue;
            if (segment.PageNumberAt(passage) is var owner && owner != page)
            {
                page = owner;
                builder.StartPage(segment.PageAt(passage));
            }
            numbers[passage] = builder.AddChunk(segment.ChunkAt(passage));
        }
        foreach (var (term, id) in segment.Terms)
        {
            var passages = segment.PassagesOf(id);
            var impacts = segment.ImpactsOf(id);
            for (var i = 0; i < passages.Length; i++)
            {
                if (numbers[passages[i]] >= 0)
                    builder.AddPosting(term, numbers[passages[i]], impacts[i]);
            }
        }
    }
}
