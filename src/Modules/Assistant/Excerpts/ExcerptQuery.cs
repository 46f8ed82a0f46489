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
    private readonly List<string>[] sure;
    private readonly bool asksForMoney;
    private readonly bool asksForTime;
    private readonly bool asksForMeasure;
    private readonly bool asksForPlace;

    public ExcerptQuery(string question, string language)
    {
        Language = StopWords.LanguageOf(question, language);
        fold = Language is not "vi" || question.All(char.IsAscii);
        var words = Words.Split(question, fold);
        var content = words
            .Where(w => (w.Length > 1 || char.IsDigit(w[0])) && !StopWords.Contains(Language, w))
            .Distinct(StringComparer.Ordinal)
            .Take(24)
            .ToList();
        Terms = content.Count > 0 ? content : [.. words.Distinct(StringComparer.Ordinal).Take(24)];
        others = [.. Terms.Select(_ => new List<string>())];
        sure = [.. Terms.Select(_ => new List<string>())];
        foreach (var (word, stems, isSure) in OtherWords.In(question, Language))
        {
            if (Words.Split(word, fold) is [var term] && Terms.IndexOf(term) is >= 0 and var at)
                (isSure ? sure : others)[at].AddRange(stems.Where(s => s.Length > 2));
        }
        asksForMoney = MoneyQuestion().IsMatch(question);
        asksForTime = TimeQuestion().IsMatch(question);
        asksForMeasure = MeasureQuestion().IsMatch(question);
        asksForPlace = PlaceQuestion().IsMatch(question);
        AsksForHours = HoursQuestion().IsMatch(question);
        AsksWhatThereIs = OfferQuestion().IsMatch(question);
        AsksForList = ListQuestion().IsMatch(question);
        AsksForSteps = StepsQuestion().IsMatch(question);
    }

    public string Language { get; }

    public List<string> Terms { get; }

    /// <summary>"How do I …": a list of steps answers.</summary>
    public bool AsksForSteps { get; }

    /// <summary>"When are you open": days with their hours answer.</summary>
    public bool AsksForHours { get; }

    /// <summary>"Do you have …": the first words of its page answer, with the price, and not some detail of it.</summary>
    public bool AsksWhatThereIs { get; }

    /// <summary>"Which … do you have": a list or table under that heading answers.</summary>
    public bool AsksForList { get; }

    public bool AsksForStatement => asksForMoney || asksForTime || asksForMeasure || asksForPlace || AsksForHours;

    /// <summary>The text states what the question asks for: an amount, a time, a measure or an address.</summary>
    public bool States(string text) =>
        (AsksForHours && Days().IsMatch(text) && Clock().IsMatch(text))
        || (asksForMoney && Money().IsMatch(text))
        || (asksForTime && !AsksForHours && Time().IsMatch(text))
        || (asksForMeasure && Measure().IsMatch(text))
        || (asksForPlace && Address().IsMatch(text));

    /// <summary>A heading such as "Prices" or "Delivery times" promises what the question asks for.</summary>
    public bool IsPromisedBy(string heading) =>
        (asksForMoney && MoneyQuestion().IsMatch(heading))
        || (asksForTime && TimeHeading().IsMatch(heading))
        || (asksForPlace && PlaceHeading().IsMatch(heading));

    /// <summary>Which terms a text contains, in the question's words or in others for them.</summary>
    public TermHits TermsIn(string text)
    {
        var (own, any) = (0u, 0u);
        foreach (var word in Words.Split(text, fold))
        {
            for (var i = 0; i < Terms.Count; i++)
            {
                var bit = 1u << i;
                // A group of words or a whole phrase says for sure what is meant: "never arrived" is "lost".
                if ((own & bit) == 0 && (Words.Alike(word, Terms[i]) || IsOneOf(sure[i], word)))
                    own |= bit;
                else if ((any & bit) == 0 && IsOneOf(others[i], word))
                    any |= bit;
            }
        }
        return new TermHits(own, own | any);
    }

    private static bool IsOneOf(List<string> stems, string word) => stems.Exists(s => Begins(word, s) && word.Length - s.Length <= 5);

    /// <summary>The stem of "delivery" is "deliveri".</summary>
    private static bool Begins(string word, string stem) =>
        word.StartsWith(stem, StringComparison.Ordinal)
        || (
            stem.Length > 3
            && stem[^1] == 'i'
            && word.Length == stem.Length
            && word[^1] == 'y'
            && word.AsSpan().StartsWith(stem.AsSpan(0, stem.Length - 1))
        );

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
        @"\b(opening (hours|times)|are you (still )?(open|closed)|(do|when|what time).* (open|close|shut)|öffnungszeiten|geöffnet|wann .*(auf|offen|zu)\b|horaires|ouverte?s?\b|horario|abrís|abren|abiert[oa]s?|mở cửa)\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex HoursQuestion();

    [GeneratedRegex(
        @"^\W*((do|have|will) you (guys )?(have|got|sell|carry|offer|stock|make)\b|(habt|haben|verkauft|verkaufen|führt|führen) (ihr|sie)\b|(avez|vendez)-vous|tenéis|tienen|venden|hay )",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex OfferQuestion();

    [GeneratedRegex(
        @"\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(every day|daily|täglich|tous les jours|todos los días)\b|(montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)|\b(lundi|mardi|samedi|dimanche|lunes|martes|sábado|domingo|thứ)\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Days();

    [GeneratedRegex(@"\d[:h.]\d\d|\d ?(am|pm|uhr|h|giờ)\b|\d (–|-|to|bis|à|a) \d", Options, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Clock();

    [GeneratedRegex(
        @"\b(how (heavy|big|large|tall|high|wide|deep|warm|cold)|weighs?|weight|dimensions?|wie (schwer|groß|hoch|breit|tief|warm|kalt)|wiegt|gewicht|maße|combien pèse|poids|quelle taille|dimensions|cuánto pesa|peso|medidas|nặng bao nhiêu|cao bao nhiêu)\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex MeasureQuestion();

    [GeneratedRegex(
        @"\b(where (is|are|do you|can i find) (?!my|our)|address|wo (ist|sind|seid|finde)|adresse|anschrift|où (est|se trouve|êtes)|dónde|dirección|ở đâu|địa chỉ)",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex PlaceQuestion();

    [GeneratedRegex(
        @"^\W*(how (do|can|to|should|must)|wie (kann|mache|muss|soll)|comment|cómo|làm (sao|thế nào))\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex StepsQuestion();

    [GeneratedRegex(@"^\W*(which|what|welche[rs]?|quel(le)?s?|qué|cuáles)\b", Options, matchTimeoutMilliseconds: 2000)]
    private static partial Regex ListQuestion();

    [GeneratedRegex(
        @"\b(stores?|shops?|branch(es)?|showrooms?|address(es)?|locations?|find us|directions|filialen?|läden|geschäfte?|adressen?|standorte?|magasins?|adresses?|tiendas?|dirección|cửa hàng|địa chỉ)\b",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex PlaceHeading();

    [GeneratedRegex(
        @"(\b(times?|hours|duration|durée|plazos?|tiempos?|thời gian)\b|zeit(en)?\b|dauer\b)",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex TimeHeading();

    // "Lindenmarkt 7, Hallbrunn", "Rue du Port 12, Nantes", "221 Baker Street".
    [GeneratedRegex(
        @"\p{Lu}[\p{L}.-]+ \d{1,4}[a-z]?, ?(\d{4,5} )?\p{Lu}|\b\d{1,5} (\p{Lu}\p{L}+ )+(Street|St|Road|Rd|Avenue|Ave|Lane|Square|Drive)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Address();

    [GeneratedRegex(
        @"\d ?(kg|g|lbs?|oz|mm|cm|m|km|m²|l|ml|litres?|liters?|inch(es)?|ft|°c|°f)(?!\w)|\d ?[×x] ?\d",
        Options,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Measure();

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
