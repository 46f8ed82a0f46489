using Tenet.Knowledge;

namespace Tenet.Assistant;

/// <param name="Text">Markdown whose [1], [2], … are positions in the passages that were given, from 1.</param>
internal sealed record ExcerptAnswer(string Text);

/// <summary>
/// The embedded default with no model: the answer is made of the sentences of the workspace's own pages that answer the question,
/// the most direct first, and of nothing else. It would rather say that it found nothing than show something beside the point.
/// </summary>
internal static class ExcerptWriter
{
    private const int MaxPassages = 24;
    private const int MaxLength = 800;
    private const int MaxParts = 2;
    private const int MaxSiblings = 4;

    /// <returns>Null when the passages do not answer.</returns>
    public static ExcerptAnswer? Write(string question, string language, IReadOnlyList<Passage> passages)
    {
        if (passages.Count == 0)
            return null;
        var query = new ExcerptQuery(Typos.Mend(question, StopWords.LanguageOf(question, language), passages), language);
        if (query.Terms.Count == 0)
            return null;
        var read = passages.Take(MaxPassages).Select((p, i) => ReadPassage.Of(i, p, query, Trust(p, passages))).ToList();
        var weights = Weights(query, read);
        var windows = new List<ExcerptWindow>();
        foreach (var passage in read)
        {
            if (ExcerptWindow.Best(query, passage, weights) is { } window && Answers(query, window))
                windows.Add(window);
        }
        if (windows.Count == 0)
            return null;
        return new ExcerptAnswer(Join(Choose(query, windows)));
    }

    /// <summary>Half of what was asked about must be there; a single word must; of two, both, or one that the headings name.</summary>
    private static bool Answers(ExcerptQuery query, ExcerptWindow window)
    {
        var covered = window.Covered.Count;
        return query.Terms.Count switch
        {
            1 => covered == 1,
            2 => covered == 2 || (covered == 1 && window.OnTopic.Own != 0),
            <= 4 => covered >= 2 || (window.OnTopic.Own != 0 && window.Trust > 0.8),
            <= 8 => covered >= 3 || (covered == 2 && !window.OnTopic.IsNone),
            _ => covered >= 3,
        };
    }

    /// <summary>A second part must speak of something that the first leaves out. A single word may be meant in several ways.</summary>
    private static List<ExcerptWindow> Choose(ExcerptQuery query, List<ExcerptWindow> windows)
    {
        List<ExcerptWindow> chosen = [];
        foreach (var window in windows.OrderByDescending(w => w.Value))
        {
            var length = chosen.Sum(c => c.Text.Length);
            // Every store has hours of its own.
            var isSibling = query.AsksForHours && window.IsStated && chosen.TrueForAll(c => c.Title == window.Title && c.IsStated);
            var isWeak = chosen.Count > 0 && (window.Value < 0.8 * chosen[0].Value || (chosen[0].IsStated && !window.IsStated));
            var isRepeated = !isSibling && chosen.Exists(c => Repeats(c.Text, window.Text));
            var adds =
                chosen.Count == 0
                || isSibling
                || (query.Terms.Count == 1 && window.InHeading.Own != 0)
                || chosen.TrueForAll(c => !window.Covered.Without(c.Covered).IsNone);
            if ((isWeak && !isSibling) || isRepeated || !adds || (length > 0 && length + window.Text.Length > MaxLength))
                continue;
            chosen.Add(window);
            if (chosen.Count == (isSibling ? MaxSiblings : MaxParts))
                break;
        }
        return chosen;
    }

    private static string Join(List<ExcerptWindow> chosen) => string.Join("\n\n", chosen.Select(w => $"{w.Text} [{w.Passage + 1}]"));

    /// <summary>What retrieval put first has reasons that the words of one passage do not show: rare words, all pages compared.</summary>
    private static double Trust(Passage passage, IReadOnlyList<Passage> passages)
    {
        var best = passages.Max(p => p.Score);
        return best > 0 ? 0.5 + (0.5 * Math.Clamp(passage.Score / best, 0, 1)) : 1;
    }

    private static bool Repeats(string a, string b)
    {
        var (left, right) = (Words.Split(a).ToHashSet(StringComparer.Ordinal), Words.Split(b).ToHashSet(StringComparer.Ordinal));
        var common = left.Count(right.Contains);
        return common > 0.6 * Math.Min(left.Count, right.Count);
    }

    /// <summary>A term that few of the sentences hold tells more than one that all do.</summary>
    private static double[] Weights(ExcerptQuery query, List<ReadPassage> read)
    {
        var count = new int[query.Terms.Count];
        foreach (var terms in read.SelectMany(p => p.Terms.Select(t => t.Any)))
        {
            for (var i = 0; i < count.Length; i++)
                count[i] += (int)((terms >> i) & 1);
        }
        var total = read.Sum(p => p.Sentences.Count);
        return [.. count.Select(n => Math.Log(1 + (total - n + 0.5) / (n + 0.5)) + 0.2)];
    }
}
