using System.Text;
using System.Text.RegularExpressions;
using Tenet.Knowledge;

namespace Tenet.Assistant;

/// <summary>A passage split into sentences, with the question's terms found in each, and in its title and heading.</summary>
/// <param name="Title">The page's.</param>
/// <param name="Heading">The nearest one above the passage, or the page's title.</param>
internal sealed record ReadPassage(
    int Index,
    string Title,
    string Heading,
    IReadOnlyList<Sentence> Sentences,
    TermHits[] Terms,
    TermHits OnTopic,
    TermHits InHeading,
    double Trust
)
{
    public static ReadPassage Of(int index, Passage passage, ExcerptQuery query, double trust)
    {
        var sentences = Tenet.Assistant.Sentences.Split(passage.Text);
        TermHits[] terms = [.. sentences.Select(s => query.TermsIn(s.Text))];
        var onTopic = query.TermsIn(passage.PageTitle + "\n" + passage.Heading);
        var heading = passage.Heading.Split('›')[^1].Trim();
        return new ReadPassage(
            index,
            passage.PageTitle,
            heading.Length > 0 ? heading : passage.PageTitle,
            sentences,
            terms,
            onTopic,
            query.TermsIn(passage.Heading),
            trust
        );
    }

    /// <summary>What a page begins with, above its first heading.</summary>
    public bool IsOpening => Heading == Title;

    /// <summary>What a sentence is about: the last label above it that is not the passage's own heading.</summary>
    public string? LabelOf(int sentence)
    {
        for (var i = sentence - 1; i >= 0; i--)
        {
            if (Sentences[i].Kind is SentenceKind.Label && Sentences[i].Text.StartsWith("**", StringComparison.Ordinal))
                return Sentences[i].Text.Trim('*');
        }
        return null;
    }
}

/// <summary>The few sentences of one passage that answer a question best, in the page's own order.</summary>
/// <param name="Passage">Where they stand: an index into the passages, from 0.</param>
/// <param name="Text">Markdown: prose, or a short list under its lead-in.</param>
/// <param name="Covered">The question's terms that the sentences or the passage's headings contain.</param>
/// <param name="OnTopic">The terms that the page's title and the headings contain.</param>
/// <param name="InHeading">Those of the headings alone.</param>
/// <param name="Value">Higher answers better; comparable within one question.</param>
/// <param name="Title">The page's.</param>
/// <param name="IsStated">They state what the question asks for.</param>
/// <param name="Trust">How much retrieval thinks of the passage, from 0.5 to 1.</param>
internal sealed partial record ExcerptWindow(
    int Passage,
    string Text,
    TermHits Covered,
    TermHits OnTopic,
    TermHits InHeading,
    double Value,
    string Title,
    bool IsStated,
    double Trust
)
{
    private const int MaxProse = 420;
    private const int MaxItems = 6;
    private const int MaxRows = 10;
    private const int LongestFragment = 30;

    public static ExcerptWindow? Best(ExcerptQuery query, ReadPassage passage, double[] weights)
    {
        var (sentences, terms, onTopic) = (passage.Sentences, passage.Terms, passage.OnTopic);
        var scores = new double[sentences.Count];
        var best = -1;
        var (lead, stating) = (true, true);
        for (var i = 0; i < sentences.Count; i++)
        {
            var sentence = sentences[i];
            if (sentence.Kind == SentenceKind.Label || sentence.Text.EndsWith('?'))
                continue;
            var score = terms[i].Sum(weights);
            var hasTable = i + 1 < sentences.Count && sentences[i + 1].Kind == SentenceKind.Row && query.States(sentences[i + 1].Text);
            var states = hasTable || query.States(sentence.Text);
            // Under a heading that names the subject, the first sentence answers without repeating its words. So does the first that
            // states what is asked for, the first of steps, and any row of a table.
            var isFirstStep =
                sentence.Kind == SentenceKind.Step && query.AsksForSteps && sentences.Take(i).All(s => s.Kind != SentenceKind.Step);
            var isRow = sentence.Kind == SentenceKind.Row && !(query.AsksForStatement && terms[i].Without(onTopic).IsNone && !states);
            if (lead || (states && stating) || isFirstStep || isRow)
                score += 0.8 * onTopic.Without(terms[i]).Sum(weights);
            if (lead && !IsEntry(sentence))
                score += 0.25 * onTopic.Sum(weights);
            var isOfList = query.AsksForList && IsEntry(sentence) && onTopic.Count == query.Terms.Count;
            score *=
                states || isFirstStep ? 1.6
                : isOfList ? 1.3
                : 1;
            scores[i] = sentence.Kind == SentenceKind.Row ? score : score / (1 + sentence.Text.Length / 400.0);
            lead = false;
            stating &= !states;
            if (scores[i] > 0 && (best < 0 || scores[i] > scores[best]))
                best = i;
        }
        if (best < 0)
            return null;
        var chosen = Grow(query, passage, best);
        var covered = chosen.Aggregate(onTopic, (all, i) => all | terms[i]);
        var topical = (1.3 * onTopic.Sum(weights)) + (0.4 * passage.InHeading.Sum(weights));
        var value = (scores[best] + (0.3 * covered.Sum(weights)) + topical) * passage.Trust;
        if (query.IsPromisedBy(passage.Heading))
            value *= 1.5;
        else if (!passage.IsOpening && passage.InHeading.IsNone)
            value *= 0.93;
        var isStated = chosen.Exists(i => query.States(sentences[i].Text));
        if (query.AsksForStatement && !isStated)
            value *= 0.7;
        // Who asks whether there is such a thing, or only names it, is told what its page begins with.
        if (passage.IsOpening && covered.Count == query.Terms.Count && !query.AsksForStatement && !query.AsksForSteps)
            value *= query.AsksWhatThereIs ? 1.6 : 1.25;
        if (query.AsksForSteps && chosen.Exists(i => sentences[i].Kind == SentenceKind.Step))
            value *= 1.2;
        // What answers all of the question goes before what answers a part of it.
        value *= 0.4 + (0.6 * covered.Count / query.Terms.Count);
        var text = Write(query, passage, chosen);
        return new ExcerptWindow(
            passage.Index,
            text,
            covered,
            passage.OnTopic,
            passage.InHeading,
            value,
            passage.Title,
            isStated,
            passage.Trust
        );
    }

    private static bool IsEntry(Sentence sentence) => sentence.Kind is SentenceKind.Item or SentenceKind.Step or SentenceKind.Row;

    private static List<int> Grow(ExcerptQuery query, ReadPassage passage, int best)
    {
        var (sentences, terms) = (passage.Sentences, passage.Terms);
        if (IsEntry(sentences[best]))
            return Entries(query, passage, best);
        List<int> chosen = [best];
        if (query.AsksForHours && query.States(sentences[best].Text))
            return Hours(query, passage, best);
        var length = sentences[best].Text.Length;
        // "It does not apply to …" says nothing without the sentence before.
        for (var i = best; i > 0 && CanStandBefore(sentences, i) && chosen.Count < 3; i--)
        {
            var leans = Leans().IsMatch(sentences[i].Text);
            var fits = !terms[i - 1].IsNone && length + sentences[i - 1].Text.Length <= MaxProse;
            if (!leans && !fits)
                break;
            chosen.Insert(0, i - 1);
            length += sentences[i - 1].Text.Length;
        }
        for (var i = best + 1; i < sentences.Count && chosen.Count < 3; i++)
        {
            if (sentences[i - 1].Text.EndsWith(':') && IsEntry(sentences[i]))
                return [.. chosen, .. Entries(query, passage, i).Where(e => e >= i)];
            if (sentences[i].Kind == SentenceKind.Row)
            {
                var rows = Rows(query, sentences, terms, i).ToList();
                return rows.Count == 0 ? chosen : [.. chosen.Where(c => LeadsIn(query, sentences[c], terms[c])), .. rows];
            }
            var belongs = sentences[i].Paragraph == sentences[best].Paragraph && sentences[i].Kind == SentenceKind.Prose;
            if (!belongs || length + sentences[i].Text.Length > MaxProse || sentences[i].Text.EndsWith('?'))
                break;
            chosen.Add(i);
            length += sentences[i].Text.Length;
        }
        return chosen;
    }

    /// <summary>Days and hours without what stands around them; those of several places in one paragraph together.</summary>
    private static List<int> Hours(ExcerptQuery query, ReadPassage passage, int best)
    {
        var (sentences, terms) = (passage.Sentences, passage.Terms);
        var (first, last) = (best, best);
        while (first > 0 && Belongs(first - 1))
            first--;
        while (last + 1 < sentences.Count && Belongs(last + 1))
            last++;
        return [.. Enumerable.Range(first, last - first + 1).Take(MaxItems)];
        bool Belongs(int i) =>
            sentences[i].Paragraph == sentences[best].Paragraph && (query.States(sentences[i].Text) || terms[i].Own != 0);
    }

    private static bool CanStandBefore(IReadOnlyList<Sentence> sentences, int i) =>
        sentences[i - 1].Paragraph == sentences[i].Paragraph && sentences[i - 1].Kind == SentenceKind.Prose;

    private static List<int> Entries(ExcerptQuery query, ReadPassage passage, int best)
    {
        var (sentences, terms) = (passage.Sentences, passage.Terms);
        var (first, last) = (best, best);
        while (first > 0 && IsEntry(sentences[first - 1]) && sentences[first - 1].Paragraph == sentences[best].Paragraph)
            first--;
        while (last + 1 < sentences.Count && IsEntry(sentences[last + 1]) && sentences[last + 1].Paragraph == sentences[best].Paragraph)
            last++;
        var entries = Enumerable.Range(first, last - first + 1).ToList();
        if (sentences[best].Kind == SentenceKind.Row)
        {
            var named = terms[best].Without(passage.OnTopic);
            var isAnyRow = named.IsNone && query.AsksForStatement && query.States(sentences[best].Text);
            entries = entries
                .Where(i => i == best || (isAnyRow ? query.States(sentences[i].Text) : named.Without(terms[i]).IsNone))
                .Take(MaxRows)
                .ToList();
        }
        else if (entries.Count > MaxItems)
        {
            // Steps make sense in their order from the first on; entries of a long list only where they match.
            entries =
                sentences[best].Kind == SentenceKind.Step
                    ? entries.Take(MaxItems).Append(best).Distinct().Order().ToList()
                    : entries.Where(i => i == best || !terms[i].IsNone).Take(MaxItems).ToList();
        }
        return first > 0 && LeadsIn(query, sentences[first - 1], terms[first - 1]) ? [first - 1, .. entries] : entries;
    }

    /// <summary>"You can pay with:", or a sentence above a list or table that says something of what is asked.</summary>
    private static bool LeadsIn(ExcerptQuery query, Sentence sentence, TermHits terms) =>
        sentence is { Kind: SentenceKind.Prose, Text: [.., ':'] }
        || (sentence is { Kind: SentenceKind.Prose, Text: [.., '.'] } && (!terms.IsNone || query.States(sentence.Text)));

    /// <summary>Of a table below the answer, the rows that the question asks about.</summary>
    private static IEnumerable<int> Rows(ExcerptQuery query, IReadOnlyList<Sentence> sentences, TermHits[] terms, int first)
    {
        var rows = Enumerable.Range(first, sentences.Count - first).TakeWhile(i => sentences[i].Kind == SentenceKind.Row).ToList();
        var most = rows.Max(i => terms[i].Count);
        return (most > 0 ? rows.Where(i => terms[i].Count == most) : rows.Where(i => query.States(sentences[i].Text))).Take(MaxRows);
    }

    private static string Write(ExcerptQuery query, ReadPassage passage, List<int> chosen)
    {
        var sentences = passage.Sentences;
        var text = new StringBuilder(Lead(query, passage, chosen));
        var entries = 0;
        foreach (var i in chosen)
        {
            var isListed = IsEntry(sentences[i]) && chosen.Count > 1;
            if (text.Length > 0 && text[^1] != ' ')
                text.Append(
                    !isListed ? " "
                    : entries == 0 ? "\n\n"
                    : "\n"
                );
            if (isListed)
            {
                entries++;
                text.Append(sentences[i].Kind == SentenceKind.Step ? $"{entries}. " : "- ");
            }
            text.Append(Plain(sentences[i].Text));
            if (!isListed && i != chosen[^1] && char.IsLetterOrDigit(text[^1]))
                text.Append('.');
        }
        return text.ToString();
    }

    /// <summary>What the sentences speak of, where they do not say it themselves: entries, fragments, and neighbours joined to a passage.</summary>
    private static string Lead(ExcerptQuery query, ReadPassage passage, List<int> chosen)
    {
        var first = passage.Sentences[chosen[0]];
        var label = passage.LabelOf(chosen[0]);
        var topic = Plain(label ?? passage.Heading);
        if (topic.Length is 0 or > 80 || topic[^1] is '?' or '.' or '!')
            return "";
        if (IsEntry(first))
            return chosen.Count > 1 ? topic + ":"
                : Plain(passage.Title) is { Length: > 0 and <= 80 } title ? title + " – "
                : "";
        var isFragment = first.Text.Length < LongestFragment && !first.Text.EndsWith('.');
        var isOneOfSeveral = query.AsksForHours && chosen.Count == 1 && !passage.IsOpening && passage.InHeading.IsNone;
        var isIntroduction = query.AsksWhatThereIs && passage.IsOpening && passage.OnTopic.Count == query.Terms.Count;
        return label is not null || isFragment || isOneOfSeveral || isIntroduction ? topic + ": " : "";
    }

    /// <summary>Footnote marks of the page would read as our citations, and its brackets as links.</summary>
    private static string Plain(string text) =>
        Spaces().Replace(Footnote().Replace(text, "").Replace('[', '(').Replace(']', ')').TrimStart('#', '>', ' '), " ");

    [GeneratedRegex(@"\[\^?\d{1,3}\]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Footnote();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Spaces();

    [GeneratedRegex(
        @"^(it|its|they|their|them|this|these|that|those|he|she|however|otherwise|also|then|but|so|therefore|in this case|in that case|such|if so|"
            + @"es|er|sie|diese[rsmn]?|dies|jedoch|dann|dabei|dafür|dazu|außerdem|aber|andernfalls|sonst|deshalb|"
            + @"il|elle|ils|elles|ce|cette|ces|cela|ceci|toutefois|cependant|sinon|aussi|mais|alors|"
            + @"este|esta|estos|estas|esto|ese|esa|eso|sin embargo|además|pero|entonces|"
            + @"nó|điều này|tuy nhiên|ngoài ra|nhưng)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Leans();
}
