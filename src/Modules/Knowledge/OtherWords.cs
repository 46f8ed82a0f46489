using Tenet.Knowledge.Ranking;

namespace Tenet.Knowledge;

/// <summary>What a question's words are called on help pages, shops and manuals: the synonyms by which its passages were found.</summary>
public static class OtherWords
{
    /// <param name="question">In a visitor's words.</param>
    /// <param name="language">BCP 47; languages without a list have no synonyms.</param>
    /// <returns>Each word of the question that has others, lower case, with the stems of those, and whether they surely mean the same: in a group of their own, or for the phrase it stands in.</returns>
    public static IReadOnlyList<(string Word, IReadOnlyList<string> Stems, bool IsSure)> In(string question, string language)
    {
        if (Language.Of(language) is not { } known)
            return [];
        var words = new List<string>();
        var runs = new WordRuns(question);
        while (words.Count < 64 && runs.Next())
            words.Add(runs.Current.ToString());
        var keys = words.ConvertAll(w => Thesaurus.KeyOf(w, known));
        var found = new List<(string, IReadOnlyList<string>, bool)>();
        var thesaurus = Thesaurus.Of(known);
        for (var i = 0; i < words.Count; i++)
        {
            var (length, stems) = thesaurus.Find(keys, i);
            if (thesaurus.SameAs(keys[i]) is { Count: > 0 } same)
                found.Add((words[i].ToLowerInvariant(), same, true));
            for (var w = i; w < i + length; w++)
                found.Add((words[w].ToLowerInvariant(), stems, length > 1));
            if (length > 1 && thesaurus.Find([keys[i]], 0) is { Words: 1 } alone)
                found.Add((words[i].ToLowerInvariant(), alone.Terms, false));
        }
        return found;
    }
}
