using System.Runtime.InteropServices;

namespace Tenet.Knowledge.Ranking;

[StructLayout(LayoutKind.Auto)]
internal readonly record struct QueryTerm(string Term, float Weight);

/// <summary>One idea of a question: a word, and other words for it. The best of them counts in a passage, not their sum.</summary>
internal sealed record QueryIdea(IReadOnlyList<QueryTerm> Terms);

internal static class Query
{
    /// <summary>Longer questions are cut off: what matters was said by then.</summary>
    const int MostIdeas = 32;

    const int LongestQuestion = 4_000;
    const float AlternativeWeight = 0.7f;

    /// <summary>A word that is part of a known phrase ("throw away") says less by itself.</summary>
    const float PhraseWordWeight = 0.4f;

    /// <summary>What a mistyped word was probably meant to be.</summary>
    const float GuessWeight = 0.8f;

    /// <param name="question">In a visitor's words, mistyped ones among them.</param>
    /// <param name="snapshot">What will be searched: its languages are those in which the question is read.</param>
    public static List<QueryIdea> Parse(string question, Snapshot snapshot)
    {
        var words = new List<string>();
        var runs = new WordRuns(question.AsSpan(0, Math.Min(question.Length, LongestQuestion)));
        while (words.Count < MostIdeas * 3 && runs.Next())
            words.Add(runs.Current.ToString());
        var unknown = words.ConvertAll(w => !snapshot.Languages.Any(l => IsKnown(w, l, snapshot)));
        var ideas = new Ideas();
        foreach (var language in snapshot.Languages)
            AddIdeas(ideas, words, unknown, language, snapshot);
        return ideas.ToList(MostIdeas);
    }

    /// <summary>A word of the pages, of the thesaurus, or without a meaning of its own.</summary>
    static bool IsKnown(string word, Language language, Snapshot snapshot) =>
        Analyzer.Terms(word, language) is var terms
        && (
            terms.Count == 0 || terms.Exists(t => snapshot.CountOf(t) > 0) || Thesaurus.Of(language).Knows(Thesaurus.KeyOf(word, language))
        );

    static void AddIdeas(Ideas ideas, List<string> words, List<bool> unknown, Language language, Snapshot snapshot)
    {
        var thesaurus = Thesaurus.Of(language);
        var keys = words.ConvertAll(w => Thesaurus.KeyOf(w, language));
        for (var i = 0; i < words.Count; i++)
        {
            if (!unknown[i] || Spelling.Nearest(snapshot, keys[i]) is not { } meant)
                continue;
            keys[i] = meant;
            ideas.Add(i, [meant], GuessWeight);
        }
        var phraseEnd = 0;
        for (var i = 0; i < words.Count; i++)
        {
            var own = Analyzer.Terms(words[i], language);
            var (length, alternatives) = thesaurus.Find(keys, i);
            if (length > 1)
            {
                ideas.Add(words.Count + i, alternatives, AlternativeWeight);
                phraseEnd = Math.Max(phraseEnd, i + length);
            }
            ideas.Add(i, own, i < phraseEnd ? PhraseWordWeight : 1);
            if (length == 1 && i >= phraseEnd)
                ideas.Add(i, alternatives, AlternativeWeight);
        }
    }

    /// <summary>One idea for each place in the question: a word reads differently in each language of the index, and is one word all the same.</summary>
    sealed class Ideas
    {
        readonly SortedDictionary<int, List<QueryTerm>> places = [];
        readonly HashSet<string> seen = new(StringComparer.Ordinal);

        public void Add(int place, IEnumerable<string> terms, float weight)
        {
            foreach (var term in terms)
            {
                if (!places.TryGetValue(place, out var known))
                    places[place] = known = [];
                if (!known.Exists(t => t.Term.Equals(term, StringComparison.Ordinal)))
                    known.Add(new QueryTerm(term, weight));
            }
        }

        public List<QueryIdea> ToList(int most) =>
            [
                .. places
                    .Values.Where(terms => seen.Add(string.Join(' ', terms.Select(t => t.Term))))
                    .Take(most)
                    .Select(terms => new QueryIdea(terms)),
            ];
    }
}
