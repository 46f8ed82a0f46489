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

    public static List<QueryIdea> Parse(string question, IReadOnlyList<Language> languages)
    {
        var words = new List<string>();
        var runs = new WordRuns(question.AsSpan(0, Math.Min(question.Length, LongestQuestion)));
        while (words.Count < MostIdeas * 3 && runs.Next())
            words.Add(runs.Current.ToString());
        var ideas = new Ideas();
        foreach (var language in languages)
            AddIdeas(ideas, words, language);
        return ideas.ToList(MostIdeas);
    }

    static void AddIdeas(Ideas ideas, List<string> words, Language language)
    {
        var thesaurus = Thesaurus.Of(language);
        var keys = words.ConvertAll(w => Thesaurus.KeyOf(w, language));
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
