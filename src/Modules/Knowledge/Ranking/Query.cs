namespace Tenet.Knowledge.Ranking;

/// <summary>A question as weighted terms. Terms that stand for the same word in different languages share a group.</summary>
internal sealed record QueryTerm(string Term, float Weight);

internal static class Query
{
    /// <summary>Longer questions are cut off: what matters was said by then.</summary>
    const int MostTerms = 48;

    const int LongestQuestion = 4_000;

    public static List<QueryTerm> Parse(string question, IReadOnlyList<Language> languages)
    {
        var terms = new Dictionary<string, float>(StringComparer.Ordinal);
        var runs = new WordRuns(question.AsSpan(0, Math.Min(question.Length, LongestQuestion)));
        while (terms.Count < MostTerms && runs.Next())
        {
            foreach (var term in languages.SelectMany(runs.Current.ToString(), static (language, run) => Analyzer.Terms(run, language)))
                terms[term] = terms.GetValueOrDefault(term) is var known and > 0 ? Math.Min(known + 0.5f, 2) : 1;
        }
        return [.. terms.Select(t => new QueryTerm(t.Key, t.Value))];
    }

    static IEnumerable<string> SelectMany(this IReadOnlyList<Language> languages, string run, Func<Language, string, List<string>> analyse)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var language in languages)
        {
            foreach (var term in analyse(language, run))
            {
                if (seen.Add(term))
                    yield return term;
            }
        }
    }
}
