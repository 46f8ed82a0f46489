using System.Buffers;
using System.Runtime.InteropServices;

namespace Tenet.Knowledge.Ranking;

[StructLayout(LayoutKind.Auto)]
internal readonly record struct Hit(Guid Chunk, Guid Page, float Score);

/// <summary>Scores passages term at a time: inverse document frequency times the saturated weight.</summary>
internal static class Bm25
{
    public static List<Hit> Find(Snapshot snapshot, IReadOnlyList<QueryTerm> query, int top)
    {
        var best = new PriorityQueue<(int Segment, int Passage), float>(top + 1);
        var weights = query.Select(t => (t.Term, Weight: t.Weight * InverseFrequency(snapshot.CountOf(t.Term), snapshot.Count))).ToList();
        for (var s = 0; s < snapshot.Segments.Length; s++)
            Score(snapshot.Segments[s], weights, s, top, best);
        var hits = new List<Hit>(best.Count);
        while (best.TryDequeue(out var place, out var score))
        {
            var segment = snapshot.Segments[place.Segment].Segment;
            hits.Add(new Hit(segment.ChunkAt(place.Passage), segment.PageAt(place.Passage), score));
        }
        hits.Reverse();
        return hits;
    }

    static float InverseFrequency(int count, int all) =>
        count == 0 ? 0 : MathF.Log(1 + ((Math.Max(all, count) - count + 0.5f) / (count + 0.5f)));

    static void Score(
        LiveSegment live,
        List<(string Term, float Weight)> query,
        int number,
        int top,
        PriorityQueue<(int Segment, int Passage), float> best
    )
    {
        var scores = ArrayPool<float>.Shared.Rent(live.Segment.Count);
        Array.Clear(scores, 0, live.Segment.Count);
        foreach (var (term, weight) in query)
        {
            if (weight <= 0 || !live.Segment.TryGetPostings(term, out var passages, out var impacts))
                continue;
            var saturations = Impact.All;
            for (var i = 0; i < passages.Length; i++)
                scores[passages[i]] += weight * saturations[impacts[i]];
        }
        var least = best.Count == top ? LeastOf(best) : 0;
        for (var passage = 0; passage < live.Segment.Count; passage++)
        {
            var score = scores[passage];
            if (score <= least || live.IsRemoved(passage))
                continue;
            best.Enqueue((number, passage), score);
            if (best.Count > top)
                best.Dequeue();
            if (best.Count == top)
                least = LeastOf(best);
        }
        ArrayPool<float>.Shared.Return(scores);
    }

    static float LeastOf(PriorityQueue<(int Segment, int Passage), float> best) => best.TryPeek(out _, out var score) ? score : 0;
}
