using System.Text;
using System.Text.RegularExpressions;
using Tenet.Knowledge;

namespace Tenet.Assistant;

/// <summary>A passage split into sentences, with the question's terms found in each, and in its title and heading.</summary>
internal sealed record ReadPassage(int Index, IReadOnlyList<Sentence> Sentences, TermHits[] Terms, TermHits OnTopic, double Trust)
{
    public static ReadPassage Of(int index, Passage passage, ExcerptQuery query, double trust)
    {
        var sentences = Tenet.Assistant.Sentences.Split(passage.Text);
        TermHits[] terms = [.. sentences.Select(s => query.TermsIn(s.Text))];
        return new ReadPassage(index, sentences, terms, query.TermsIn(passage.PageTitle + "\n" + passage.Heading), trust);
    }
}

/// <summary>The few sentences of one passage that answer a question best, in the page's own order.</summary>
/// <param name="Passage">Where they stand: an index into the passages, from 0.</param>
/// <param name="Text">Markdown: prose, or a short list under its lead-in.</param>
/// <param name="Covered">The question's terms that the sentences or the passage's headings contain.</param>
/// <param name="OnTopic">The terms that the headings contain.</param>
/// <param name="Value">Higher answers better; comparable within one question.</param>
/// <param name="Trust">How much retrieval thinks of the passage, from 0.5 to 1.</param>
internal sealed partial record ExcerptWindow(int Passage, string Text, TermHits Covered, TermHits OnTopic, double Value, double Trust)
{
    private const int MaxProse = 420;
    private const int MaxItems = 6;

    public static ExcerptWindow? Best(ExcerptQuery query, ReadPassage passage, double[] weights)
    {
        var (sentences, terms, onTopic) = (passage.Sentences, passage.Terms, passage.OnTopic);
        var scores = new double[sentences.Count];
        var best = -1;
        var lead = true;
        for (var i = 0; i < sentences.Count; i++)
        {
            var sentence = sentences[i];
            if (sentence.Kind == SentenceKind.Label || sentence.Text.EndsWith('?'))
                continue;
            var score = terms[i].Sum(weights);
            // Under a heading that names the subject, the first sentence answers without repeating its words.
            if (lead)
                score += onTopic.Without(terms[i]).Sum(weights);
            var hasTable = i + 1 < sentences.Count && sentences[i + 1].Kind == SentenceKind.Row && query.States(sentences[i + 1].Text);
            if (hasTable || query.States(sentence.Text))
                score *= 1.6;
            scores[i] = score / (1 + sentence.Text.Length / 400.0);
            lead = false;
            if (scores[i] > 0 && (best < 0 || scores[i] > scores[best]))
                best = i;
        }
        if (best < 0)
            return null;
        var chosen = Grow(query, sentences, terms, best);
        var covered = chosen.Aggregate(onTopic, (all, i) => all | terms[i]);
        var value = (scores[best] + 0.3 * covered.Sum(weights) + onTopic.Sum(weights)) * passage.Trust;
        return new ExcerptWindow(passage.Index, Write(sentences, chosen), covered, onTopic, value, passage.Trust);
    }

    private static bool IsEntry(Sentence sentence) => sentence.Kind is SentenceKind.Item or SentenceKind.Step or SentenceKind.Row;

    private static List<int> Grow(ExcerptQuery query, IReadOnlyList<Sentence> sentences, TermHits[] terms, int best)
    {
        if (IsEntry(sentences[best]))
            return Entries(sentences, terms, best);
        List<int> chosen = [best];
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
                return [.. chosen, .. Entries(sentences, terms, i).Where(e => e >= i)];
            if (sentences[i].Kind == SentenceKind.Row)
                return [.. chosen, .. Rows(query, sentences, terms, i)];
            var belongs = sentences[i].Paragraph == sentences[best].Paragraph && sentences[i].Kind == SentenceKind.Prose;
            if (!belongs || length + sentences[i].Text.Length > MaxProse || sentences[i].Text.EndsWith('?'))
                break;
            chosen.Add(i);
            length += sentences[i].Text.Length;
        }
        return chosen;
    }

    private static bool CanStandBefore(IReadOnlyList<Sentence> sentences, int i) =>
        sentences[i - 1].Paragraph == sentences[i].Paragraph && sentences[i - 1].Kind == SentenceKind.Prose;

    private static List<int> Entries(IReadOnlyList<Sentence> sentences, TermHits[] terms, int best)
    {
        var (first, last) = (best, best);
        while (first > 0 && IsEntry(sentences[first - 1]) && sentences[first - 1].Paragraph == sentences[best].Paragraph)
            first--;
        while (last + 1 < sentences.Count && IsEntry(sentences[last + 1]) && sentences[last + 1].Paragraph == sentences[best].Paragraph)
            last++;
        var entries = Enumerable.Range(first, last - first + 1).ToList();
        if (sentences[best].Kind == SentenceKind.Row)
            entries = entries.Where(i => i == best || terms[i].Count >= terms[best].Count).Take(MaxItems).ToList();
        else if (entries.Count > MaxItems)
        {
            // Steps make sense in their order from the first on; entries of a long list only where they match.
            entries =
                sentences[best].Kind == SentenceKind.Step
                    ? entries.Take(MaxItems).Append(best).Distinct().Order().ToList()
                    : entries.Where(i => i == best || !terms[i].IsNone).Take(MaxItems).ToList();
        }
        var hasLeadIn = first > 0 && sentences[first - 1] is { Kind: SentenceKind.Prose, Text: [.., ':' or '.'] };
        return hasLeadIn ? [first - 1, .. entries] : entries;
    }

    /// <summary>Of a table below the answer, the rows that the question asks about.</summary>
    private static IEnumerable<int> Rows(ExcerptQuery query, IReadOnlyList<Sentence> sentences, TermHits[] terms, int first)
    {
        var rows = Enumerable.Range(first, sentences.Count - first).TakeWhile(i => sentences[i].Kind == SentenceKind.Row).ToList();
        var named = rows.Where(i => !terms[i].IsNone).ToList();
        return (named.Count > 0 ? named : rows.Where(i => query.States(sentences[i].Text))).Take(MaxItems - 1);
    }

    private static string Write(IReadOnlyList<Sentence> sentences, List<int> chosen)
    {
        var text = new StringBuilder();
        var entries = 0;
        foreach (var i in chosen)
        {
            var isListed = IsEntry(sentences[i]) && chosen.Count > 1;
            if (text.Length > 0)
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
        }
        return text.ToString();
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
