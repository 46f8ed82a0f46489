using System.Collections.Frozen;

namespace Tenet.Knowledge.Ranking;

internal delegate int StemWord(Span<char> buffer, int length);

/// <summary>A language of texts and questions: its stop words and its stemmer. Others are indexed by their words as they stand.</summary>
internal sealed class Language
{
    public static readonly Language English = new("en", StopWords.English, EnglishStemmer.Stem);
    public static readonly Language German = new("de", StopWords.German, GermanStemmer.Stem);
    public static readonly Language French = new("fr", StopWords.French, FrenchStemmer.Stem);
    public static readonly Language Spanish = new("es", StopWords.Spanish, SpanishStemmer.Stem);
    public static readonly Language Vietnamese = new("vi", StopWords.Vietnamese, stem: null);
    public static readonly Language Other = new("und", "", stem: null);

    static readonly Language[] Known = [English, German, French, Spanish, Vietnamese];

    const int WordsToGuessFrom = 400;

    readonly FrozenSet<string> stopWords;
    readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> stopWordLookup;

    Language(string code, string stopWords, StemWord? stem)
    {
        Code = code;
        Stem = stem;
        this.stopWords = stopWords.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
        stopWordLookup = this.stopWords.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>ISO 639-1, or "und".</summary>
    public string Code { get; }

    public StemWord? Stem { get; }

    public bool IsStopWord(ReadOnlySpan<char> lowerCase) => stopWordLookup.Contains(lowerCase);

    /// <summary>By a BCP 47 tag such as "de-AT"; null when the tag is missing or names none of ours.</summary>
    public static Language? Of(string? tag)
    {
        if (string.IsNullOrWhiteSpace(tag))
            return null;
        var primary = tag.AsSpan().Trim();
        var end = primary.IndexOfAny('-', '_');
        if (end >= 0)
            primary = primary[..end];
        foreach (var language in Known)
        {
            if (primary.Equals(language.Code, StringComparison.OrdinalIgnoreCase))
                return language;
        }
        return null;
    }

    /// <summary>The language whose function words the text uses most; <see cref="Other"/> when it uses hardly any.</summary>
    public static Language Guess(ReadOnlySpan<char> text)
    {
        Span<int> hits = stackalloc int[Known.Length];
        Span<char> lower = stackalloc char[WordRuns.LongestRun];
        var runs = new WordRuns(text);
        var words = 0;
        while (words < WordsToGuessFrom && runs.Next())
        {
            words++;
            var length = runs.Current.ToLowerInvariant(lower);
            for (var i = 0; i < Known.Length; i++)
            {
                if (length > 0 && Known[i].IsStopWord(lower[..length]))
                    hits[i]++;
            }
        }
        var best = 0;
        for (var i = 1; i < hits.Length; i++)
        {
            if (hits[i] > hits[best])
                best = i;
        }
        return hits[best] > 0 && hits[best] * 10 >= words ? Known[best] : Other;
    }
}
