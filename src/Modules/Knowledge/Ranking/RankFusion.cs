namespace Tenet.Knowledge.Ranking;

/// <summary>Reciprocal rank fusion: two rankings of different scales become one by their places.</summary>
internal static class RankFusion
{
    /// <summary>The constant of the method's authors: how little the very first places outweigh the next.</summary>
    const float Flatness = 60;

    public static List<Hit> Fuse(IReadOnlyList<Hit> first, IReadOnlyList<Hit> second, int top)
    {
        var fused = new Dictionary<Guid, Hit>();
        foreach (var ranking in (ReadOnlySpan<IReadOnlyList<Hit>>)[first, second])
        {
            for (var place = 0; place < ranking.Count; place++)
            {
                var share = 1 / (Flatness + place + 1);
                var hit = ranking[place];
                fused[hit.Chunk] = hit with { Score = share + (fused.TryGetValue(hit.Chunk, out var known) ? known.Score : 0) };
            }
        }
        return [.. fused.Values.OrderByDescending(h => h.Score).Take(top)];
    }
}
