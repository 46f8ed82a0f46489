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
        var ideas = new List<QueryIdea>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var language in languages)
            AddIdeas(ideas, words, language, seen);
        return ideas.Count <= MostIdeas ? ideas : ideas[..MostIdeas];
    }

    static void AddIdeas(List<QueryIdea> ideas, List<string> words, Language language, HashSet<string> seen)
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
                Add(ideas, [.. alternatives.Select(t => new QueryTerm(t, AlternativeWeight))], seen);
                phraseEnd = Math.Max(phraseEnd, i + length);
            }
            if (own.Count == 0 && length != 1)
                continue;
            var weight = i < phraseEnd ? PhraseWordWeight : 1;
            var terms = own.Select(t => new QueryTerm(t, weight));
            if (length == 1 && i >= phraseEnd)
                terms = terms.Concat(
                    alternatives.Where(t => !own.Contains(t, StringComparer.Ordinal)).Select(t => new QueryTerm(t, AlternativeWeight))
                );
            Add(ideas, [.. terms], seen);
        }
    }

    static void Add(List<QueryIdea> ideas, List<QueryTerm> terms, HashSet<string> seen)
    {
        if (terms.Count > 0 && seen.Add(string.Join(' ', terms.Select(t => t.Term))))
            ideas.Add(new QueryIdea(terms));
    }
}
