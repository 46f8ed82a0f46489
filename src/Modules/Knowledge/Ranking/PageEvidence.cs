namespace Tenet.Knowledge.Ranking;

/// <summary>
/// A page that speaks of the question in several passages is more likely its page: its passages gain a share of what the others score,
/// less for each further one.
/// </summary>
internal static class PageEvidence
{
    const float FirstShare = 0.15f;
    const float Decay = 0.6f;

    /// <param name="hits">Best first, some dozen: further down is noise.</param>
    public static List<Hit> Weigh(IReadOnlyList<Hit> hits)
    {
        var gains = new Dictionary<Guid, (float Share, float Gain)>();
        foreach (var hit in hits)
        {
            gains[hit.Page] = gains.TryGetValue(hit.Page, out var known)
                ? (known.Share * Decay, known.Gain + (known.Share * hit.Score))
                : (FirstShare, 0);
        }
        return [.. hits.Select(h => h with { Score = h.Score + gains[h.Page].Gain }).OrderByDescending(h => h.Score)];
    }
}
