using System.Text.RegularExpressions;

namespace Tenet.Assistant;

/// <summary>What a question asks about: its content words, and whether an amount of money or a time would answer it.</summary>
internal sealed partial class ExcerptQuery
{
    private readonly bool fold;
    private readonly bool asksForMoney;
    private readonly bool asksForTime;

    public ExcerptQuery(string question, string language)
    {
        Language = StopWords.LanguageOf(question, language);
        fold = Language is not "vi" || question.All(char.IsAscii);
        var words = Words.Split(question, fold);
        var content = words.Where(w => w.Length > 1 && !StopWords.Contains(Language, w)).Distinct(StringComparer.Ordinal).Take(24).ToList();
        Terms = content.Count > 0 ? content : [.. words.Distinct(StringComparer.Ordinal).Take(24)];
        asksForMoney = MoneyQuestion().IsMatch(question);
        asksForTime = TimeQuestion().IsMatch(question);
    }

    public string Language { get; }

    public IReadOnlyList<string> Terms { get; }

    /// <summary>The text states what the question asks for: an amount, or a time.</summary>
    public bool States(string text) => (asksForMoney && Money().IsMatch(text)) || (asksForTime && Time().IsMatch(text));

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

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    [GeneratedRegex(
        @"\b(how (much|expensive)|prices?|costs?|fees?|charges?|wie ?viel|teuer|preis|kosten|kostet|gebühr|combien|prix|coûte|tarif|cuánto|cuanto|precio|cuesta|bao nhiêu|giá)\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex MoneyQuestion();

    [GeneratedRegex(
        @"\b(how (long|soon|often|late|fast|quickly|many (days|weeks|hours))|when|what time|opening hours|until|wie (lange|oft|schnell)|wann|öffnungszeiten|quand|délais?|combien de (temps|jours)|horaires|cuándo|cuando|qué hora|horario|cuánto (tiempo|tarda)|bao lâu|khi nào|mấy giờ)\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex TimeQuestion();

    [GeneratedRegex(
        @"[€$£¥₫]|\d ?(eur|usd|chf|gbp|vnd|euros?|dollars?|đồng)\b|\b(free|gratis|kostenlos|kostenfrei|gratuit|gratuite|gratuito|miễn phí)\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Money();

    [GeneratedRegex(
        @"\d[\d:.]* ?(am|pm|uhr|h)\b|\d\d?[:h]\d\d|\b(minutes?|hours?|days?|weeks?|months?|years?|monday|sunday|minuten?|stunden?|tag(e|en)?|werktage?n?|wochen?|monate?n?|jahre?n?|montag|sonntag|heures?|jours?|semaines?|mois|ans?|lundi|dimanche|minutos?|horas?|días?|semanas?|mes(es)?|años?|lunes|domingo|phút|giờ|ngày|tuần|tháng|năm)\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Time();
}
