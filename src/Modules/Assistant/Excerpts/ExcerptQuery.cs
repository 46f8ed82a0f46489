using System.Numerics;
using System.Text.RegularExpressions;
using Tenet.Knowledge;

namespace Tenet.Assistant;

/// <summary>Terms of a question found in a text, as bits in their order.</summary>
/// <param name="Own">In the question's own words.</param>
/// <param name="Any">Those, and the ones that stand there in other words.</param>
internal readonly record struct TermHits(uint Own, uint Any)
{
    public static TermHits operator |(TermHits a, TermHits b) => new(a.Own | b.Own, a.Any | b.Any);

    public bool IsNone => Any == 0;

    public int Count => BitOperations.PopCount(Any);

    public TermHits Without(TermHits other) => new(Own & ~other.Own, Any & ~other.Any);

    /// <summary>The weights of the terms, less for other words.</summary>
    public double Sum(double[] weights)
    {
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
            sum +=
                (Own & (1u << i)) != 0 ? weights[i]
                : (Any & (1u << i)) != 0 ? 0.6 * weights[i]
                : 0;
        return sum;
    }
}

/// <summary>What a question asks about: its content words, and whether an amount of money or a time would answer it.</summary>
internal sealed partial class ExcerptQuery
{
    private readonly bool fold;
    private readonly List<string>[] others;
    private readonly bool asksForMoney;
    private readonly bool asksForTime;

    public ExcerptQuery(string question, string language)
    {
        Language = StopWords.LanguageOf(question, language);
        fold = Language is not "vi" || question.All(char.IsAscii);
        var words = Words.Split(question, fold);
        var content = words.Where(w => w.Length > 1 && !StopWords.Contains(Language, w)).Distinct(StringComparer.Ordinal).Take(24).ToList();
        Terms = content.Count > 0 ? content : [.. words.Distinct(StringComparer.Ordinal).Take(24)];
        others = [.. Terms.Select(_ => new List<string>())];
        foreach (var (word, stems) in OtherWords.In(question, Language))
        {
            if (Words.Split(word, fold) is [var term] && Terms.IndexOf(term) is >= 0 and var at)
                others[at].AddRange(stems.Where(s => s.Length > 2));
        }
        asksForMoney = MoneyQuestion().IsMatch(question);
        asksForTime = TimeQuestion().IsMatch(question);
    }

    public string Language { get; }

    public List<string> Terms { get; }

    /// <summary>The text states what the question asks for: an amount, or a time.</summary>
    public bool States(string text) => (asksForMoney && Money().IsMatch(text)) || (asksForTime && Time().IsMatch(text));

    /// <summary>Which terms a text contains, in the question's words or in others for them.</summary>
    public TermHits TermsIn(string text)
    {
        var (own, any) = (0u, 0u);
        foreach (var word in Words.Split(text, fold))
        {
            for (var i = 0; i < Terms.Count; i++)
            {
                var bit = 1u << i;
                if ((own & bit) == 0 && Words.Alike(word, Terms[i]))
                    own |= bit;
                else if (
                    (any & bit) == 0
                    && others[i].Exists(o => word.StartsWith(o, StringComparison.Ordinal) && word.Length - o.Length <= 4)
                )
                    any |= bit;
            }
        }
        return new TermHits(own, own | any);
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
