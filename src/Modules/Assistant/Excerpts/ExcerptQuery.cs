using System.Text.RegularExpressions;

namespace Tenet.Assistant;

/// <summary>What a question asks about: its content words, and whether a number or a time would answer it.</summary>
internal sealed partial class ExcerptQuery
{
    private readonly bool fold;

    public ExcerptQuery(string question, string language)
    {
        Language = StopWords.LanguageOf(question, language);
        fold = Language is not "vi" || question.All(char.IsAscii);
        var words = Words.Split(question, fold);
        var content = words.Where(w => w.Length > 1 && !StopWords.Contains(Language, w)).Distinct(StringComparer.Ordinal).Take(24).ToList();
        Terms = content.Count > 0 ? content : [.. words.Distinct(StringComparer.Ordinal).Take(24)];
        AsksForNumber = Number().IsMatch(question);
    }

    public string Language { get; }

    public IReadOnlyList<string> Terms { get; }

    public bool AsksForNumber { get; }

    /// <summary>Which terms a text contains, as bits in the order of <see cref="Terms"/>.</summary>
    public uint TermsIn(string text)
    {
        var found = 0u;
        foreach (var word in Words.Split(text, fold))
        {
            for (var i = 0; i < Terms.Count; i++)
            {
                if ((found & (1u << i)) == 0 && Words.Alike(word, Terms[i]))
                    found |= 1u << i;
            }
        }
        return found;
    }

    [GeneratedRegex(
        @"\b(how (long|much|many|soon|often|late|far|big)|when|what time|prices?|costs?|opening hours|wie (lange|viel|teuer|oft|groß)|wann|preis|kosten|kostet|öffnungszeiten|combien|quand|quelle heure|prix|coûte|horaires|cu[aá]nt[oa]s?|cu[aá]ndo|qu[eé] hora|precio|cuesta|horario|bao (lâu|nhiêu)|khi nào|mấy giờ|giá)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 100
    )]
    private static partial Regex Number();
}
