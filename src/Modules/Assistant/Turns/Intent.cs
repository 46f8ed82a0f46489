using System.Text.RegularExpressions;

namespace Tenet.Assistant;

/// <summary>
/// Messages that need no pages: a wish for a person, which the server grants without asking a model, and bare courtesies. Only short
/// messages that say nothing else count.
/// </summary>
internal static partial class Intent
{
    private const int MaxLength = 90;

    public static bool AsksForPerson(string message) => message.Length <= MaxLength && Person().IsMatch(message);

    public static bool IsGreeting(string message) => message.Length <= MaxLength && Greeting().IsMatch(message);

    public static bool IsThanks(string message) => message.Length <= MaxLength && Thanks().IsMatch(message);

    /// <summary>"Are you a robot?", "What can you do?"</summary>
    public static bool AsksWhoAnswers(string message) => message.Length <= MaxLength && WhoAnswers().IsMatch(message);

    /// <summary>A bare yes: to an offer of a person it is a wish for one.</summary>
    public static bool Agrees(string message) => message.Length <= MaxLength && Yes().IsMatch(message);

    public static bool Declines(string message) => message.Length <= MaxLength && No().IsMatch(message);

    [GeneratedRegex(
        """
            ^\W*((hi|hello|hey|please|ok(ay)?|sorry)\W+)*
            (
              ((can|could|may)\ (i|you|we)\ |(i|we)('d|\ would)?\ (want|need|like|prefer|have)\ (to\ )?|let\ me\ |i'd\ rather\ |please\ )?(please\ )?
                (talk|speak|chat|connect\ me|transfer\ me|get\ me|write)(ing)?\ (to|with|through\ to)?\ ?(someone|somebody|(a|an|the|your)\ )?
                (real\ |live\ |actual\ |human\ )?(person|human(\ being)?|agent|representative|operator|someone|somebody|employee|staff(\ member)?|support(\ team)?|team|colleague)?
                (?<=someone|somebody|person|human|being|agent|representative|operator|employee|staff|member|support|team|colleague)
            | (i\ (want|need)\ )?(a\ )?(real\ |live\ )?(human(\ being)?|person|agent|representative|operator)
            | ((kann|könnte|darf|möchte|will|würde)\ (ich|gerne?)\ |ich\ (möchte|will|würde\ gerne?)\ )?(bitte\ )?(gerne?\ )?mit\ (einem|einer|jemandem?)\ ?(echten\ |richtigen\ )?(menschen|person|mitarbeiter(in)?|berater(in)?|kolleg(e|en|in))?(\ aus\ (dem|ihrem)\ team)?\ (sprechen|reden|chatten|schreiben|verbinden)
            | (ich\ (möchte|will|brauche)\ )?(einen?\ )?(echten\ )?(mensch(en)?|mitarbeiter|mitarbeiterin)
            | (puis-je|je\ (veux|voudrais|souhaite|peux)|est-ce\ que\ je\ peux)?\ ?(parler|discuter)\ (à|avec)\ (un|une|quelqu['’]un)\ ?(vrai[e]?\ )?(humain|personne|conseiller|conseillère|agent|employé)?(\ réelle)?
            | (un\ )?(humain|conseiller)
            | (puedo|podría|quiero|quisiera|me\ gustaría|necesito)?\ ?hablar\ con\ (un|una|alguien)\ ?(persona|humano|agente|asesor|empleado|representante)?(\ real)?
            | (un\ )?(humano|agente)
            | (tôi\ |mình\ |em\ )?(muốn\ |cần\ )?(được\ )?(nói\ chuyện|gặp|trao\ đổi|chat)\ (với\ )?(một\ )?(người(\ thật)?|nhân\ viên|tư\ vấn\ viên)
            )
            (\ (please|now|instead|bitte|jetzt|s['’]il\ vous\ (plaît|plait)|por\ favor))*\W*$
            """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Person();

    [GeneratedRegex(
        @"^\W*(hi|hello|hey|hiya|good (morning|afternoon|evening|day)|hallo|moin|servus|grüezi|guten (tag|morgen|abend)|bonjour|bonsoir|salut|coucou|hola|buen[oa]s (d[ií]as|tardes|noches)|xin chào|chào( bạn| shop| ad)?)( (there|all|zusammen|à tous))?\W*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Greeting();

    [GeneratedRegex(
        @"^\W*((ok(ay)?|great|super|perfect|perfekt|prima|parfait|génial|perfecto|genial)\W+)?(thanks?( you)?( (so|very) much| a lot)?|thx|cheers|danke( ?schön| sehr| dir| ihnen)?|vielen dank|merci( beaucoup| bien)?|(muchas )?gracias|cảm ơn( bạn| nhiều| shop)?)\W*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Thanks();

    [GeneratedRegex(
        """
            ^\W*((hi|hello|hey|so|sorry|hallo|bonjour|hola)\W+)*
            (
              (are|r)\ (you|u|this)\ (really\ )?((a|an)\ )?(real\ )?(ro)?(bot|chat ?bot|ai|machine|computer|human|person)|(am\ i\ )?(talking|speaking|chatting)\ (to|with)\ (a|an)\ (real\ )?(ro)?(bot|ai|human|person|machine)
            | (who|what)\ are\ you|what\ can\ you\ do(\ for\ me)?|how\ can\ you\ help(\ me)?|help(\ me)?|i\ need\ help
            | (bist\ du|sind\ sie)\ (ein(e)?\ )?(echter?\ )?(ro)?(bot|chatbot|ki|maschine|mensch|computer)|wer\ (bist\ du|sind\ sie)|was\ (kannst\ du|können\ sie)|hilfe
            | (es-tu|êtes-vous|tu\ es|vous\ êtes)\ (un|une)\ (ro)?(bot|chatbot|ia|machine|humain|personne)|qui\ (es-tu|êtes-vous)|que\ (peux-tu|pouvez-vous)\ faire|aide
            | (eres|es\ usted|es)\ (un|una)\ (ro)?(bot|chatbot|ia|máquina|humano|persona)|quién\ (eres|es\ usted)|qué\ puedes?\ hacer|ayuda
            | bạn\ là\ (ai|người|robot|bot|máy)(\ thật)?(\ à|\ không)?
            )\W*$
            """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex WhoAnswers();

    [GeneratedRegex(
        @"^\W*(yes|yeah|yep|yup|sure|ok(ay)?|please( do)?|of course|go ahead|i would( like that)?|that would be (great|nice)|ja|jo|gerne?|klar|bitte|natürlich|oui|volontiers|d['’]accord|bien sûr|s[íi]|claro|vale|por supuesto|có|vâng|dạ|được|ok)(\W+(please|do|thanks?|thank you|bitte|gerne?|danke|merci|volontiers|s['’]il (vous|te) pla[iî]t|gracias|por favor|ạ|nhé|cảm ơn))*\W*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Yes();

    [GeneratedRegex(
        @"^\W*(no|nope|nah|not (now|necessary|needed)|never ?mind|nein|nee|nicht nötig|non|pas la peine|không)(\W+(thanks?|thank you|danke|merci|gracias|cảm ơn|cần))*\W*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex No();
}
