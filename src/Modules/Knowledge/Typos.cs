using System.Text;
using Tenet.Knowledge.Ranking;

namespace Tenet.Knowledge;

/// <summary>Mends a question's slips of the keyboard by the passages that were found for it.</summary>
public static class Typos
{
    /// <param name="question">In a visitor's words.</param>
    /// <param name="language">BCP 47; the words of its thesaurus are taken as meant.</param>
    /// <param name="passages">Retrieval forgives the same slips: what was meant stands in them.</param>
    /// <returns>The question with each word that nobody knows replaced by the one of the passages that it was probably meant to be.</returns>
    public static string Mend(string question, string language, IReadOnlyList<Passage> passages)
    {
        var known = Language.Of(language) ?? Language.Other;
        HashSet<string>? said = null;
        HashSet<string>? stems = null;
        var mended = new StringBuilder();
        var at = 0;
        var runs = new WordRuns(question);
        while (runs.Next())
        {
            var word = runs.Current.ToString();
            mended.Append(question, at, runs.Position - at);
            at = runs.Position + word.Length;
            var lower = word.ToLowerInvariant();
            if (said is null)
            {
                said = WordsOf(passages);
                stems = [.. said.Select(w => Thesaurus.KeyOf(w, known))];
            }
            var key = Thesaurus.KeyOf(lower, known);
            var isKnown = known.IsStopWord(lower) || stems!.Contains(key) || Thesaurus.Of(known).Knows(key);
            mended.Append(isKnown ? word : said.FirstOrDefault(w => Spelling.IsSlip(lower, w)) ?? word);
        }
        return mended.Append(question, at, question.Length - at).ToString();
    }

    static HashSet<string> WordsOf(IReadOnlyList<Passage> passages)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var passage in passages)
        {
            var runs = new WordRuns($"{passage.PageTitle}\n{passage.Heading}\n{passage.Text}");
            while (runs.Next())
                words.Add(runs.Current.ToString().ToLowerInvariant());
        }
        return words;
    }
}
