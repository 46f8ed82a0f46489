using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Tenet.Knowledge.Ranking;

[StructLayout(LayoutKind.Auto)]
internal readonly record struct Hit(Guid Chunk, Guid Page, float Score);

/// <summary>Scores passages idea by idea: inverse document frequency times the saturated weight of the best word for it.</summary>
internal static class Bm25
{
    /// <summary>A passage that speaks of more of the question's ideas ranks higher: score × (share of ideas)^this.</summary>
    const float Coordination = 0.2f;

    /// <summary>A rare word says no more than this: visitors' odd words are rare in manuals, too.</summary>
    const float MostInformation = 5f;

    public static List<Hit> Find(Snapshot snapshot, IReadOnlyList<QueryIdea> query, int top)
    {
        var ideas = query
            .Select(idea =>
                idea.Terms.Select(t => (t.Term, Weight: t.Weight * Information(snapshot.CountOf(t.Term), snapshot.Count)))
                    .Where(t => t.Weight > 0)
                    .ToArray()
            )
            .Where(idea => idea.Length > 0)
            .ToList();
        var best = new PriorityQueue<(int Segment, int Passage), float>(top + 1);
        for (var s = 0; s < snapshot.Segments.Length && ideas.Count > 0; s++)
            Score(snapshot.Segments[s], ideas, s, top, best);
        var hits = new List<Hit>(best.Count);
        while (best.TryDequeue(out var place, out var score))
        {
            var segment = snapshot.Segments[place.Segment].Segment;
            hits.Add(new Hit(segment.ChunkAt(place.Passage), segment.PageAt(place.Passage), score));
        }
        hits.Reverse();
        return hits;
    }

    static float Information(int count, int all) =>
        count == 0 ? 0 : Math.Min(MathF.Log(1 + ((Math.Max(all, count) - count + 0.5f) / (count + 0.5f))), MostInformation);

    static void Score(
        LiveSegment live,
        List<(string Term, float Weight)[]> ideas,
        int number,
        int top,
        PriorityQueue<(int Segment, int Passage), float> best
    )
    {
        var count = live.Segment.Count;
        var scores = ArrayPool<float>.Shared.Rent(count);
        var ideaScores = ArrayPool<float>.Shared.Rent(count);
        var matched = ArrayPool<uint>.Shared.Rent(count);
        Array.Clear(scores, 0, count);
        Array.Clear(matched, 0, count);
        for (var i = 0; i < ideas.Count; i++)
        {
            if (ideas[i].Length == 1)
                AddTerm(live.Segment, ideas[i][0], 1u << i, scores, matched);
            else
                AddIdea(live.Segment, ideas[i], 1u << i, scores, matched, ideaScores.AsSpan(0, count));
        }
        var shares = new float[ideas.Count + 1];
        for (var i = 1; i < shares.Length; i++)
            shares[i] = MathF.Pow((float)i / ideas.Count, Coordination);
        var least = best.Count == top ? LeastOf(best) : 0;
        for (var passage = 0; passage < count; passage++)
        {
            if (scores[passage] <= least)
                continue;
            var score = scores[passage] * shares[BitOperations.PopCount(matched[passage])];
            if (score <= least || live.IsRemoved(passage))
                continue;
            best.Enqueue((number, passage), score);
            if (best.Count > top)
                best.Dequeue();
            if (best.Count == top)
                least = LeastOf(best);
        }
        ArrayPool<float>.Shared.Return(scores);
        ArrayPool<float>.Shared.Return(ideaScores);
        ArrayPool<uint>.Shared.Return(matched);
    }

    static void AddTerm(Segment segment, (string Term, float Weight) term, uint bit, float[] scores, uint[] matched)
    {
        if (!segment.TryGetPostings(term.Term, out var passages, out var impacts))
            return;
        var saturations = Impact.All;
        for (var i = 0; i < passages.Length; i++)
        {
            scores[passages[i]] += term.Weight * saturations[impacts[i]];
            matched[passages[i]] |= bit;
        }
    }

    static void AddIdea(
        Segment segment,
        (string Term, float Weight)[] terms,
        uint bit,
        float[] scores,
        uint[] matched,
        Span<float> ideaScores
    )
    {
        ideaScores.Clear();
        var saturations = Impact.All;
        foreach (var (term, weight) in terms)
        {
            if (!segment.TryGetPostings(term, out var passages, out var impacts))
                continue;
            for (var i = 0; i < passages.Length; i++)
            {
                var passage = passages[i];
                var score = weight * saturations[impacts[i]];
                if (score <= ideaScores[passage])
                    continue;
                scores[passage] += score - ideaScores[passage];
                ideaScores[passage] = score;
                matched[passage] |= bit;
            }
        }
    }

    static float LeastOf(PriorityQueue<(int Segment, int Passage), float> best) => best.TryPeek(out _, out var score) ? score : 0;
}
