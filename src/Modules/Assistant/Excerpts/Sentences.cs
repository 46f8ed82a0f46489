using System.Collections.Frozen;

namespace Tenet.Assistant;

internal enum SentenceKind
{
    Prose,

    /// <summary>An entry of a list, without its bullet.</summary>
    Item,

    /// <summary>An entry of a numbered list, without its number.</summary>
    Step,

    /// <summary>A row of a table, told with the names of its columns.</summary>
    Row,

    /// <summary>A short line without an end: a label or heading that is no sentence.</summary>
    Label,
}

/// <param name="Text">The sentence with its punctuation.</param>
/// <param name="Paragraph">Sentences of one paragraph or list share it.</param>
internal sealed record Sentence(string Text, int Paragraph, SentenceKind Kind);

/// <summary>Splits a page's text where its sentences end. It knows the usual abbreviations and leaves "3.5", "z. B." and "Dr. Ito" whole.</summary>
internal static class Sentences
{
    private static readonly FrozenSet<string> Abbreviations = new[]
    {
        "approx",
        "art",
        "bzgl",
        "bzw",
        "ca",
        "cf",
        "co",
        "corp",
        "dr",
        "e.g",
        "etc",
        "evtl",
        "fig",
        "ggf",
        "i.e",
        "inc",
        "incl",
        "inkl",
        "jr",
        "ltd",
        "max",
        "min",
        "mind",
        "mme",
        "mr",
        "mrs",
        "ms",
        "no",
        "nr",
        "núm",
        "p",
        "pág",
        "prof",
        "resp",
        "sr",
        "sra",
        "st",
        "str",
        "tel",
        "usw",
        "vgl",
        "vs",
        "zzgl",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static List<Sentence> Split(string text)
    {
        var sentences = new List<Sentence>();
        var paragraph = 0;
        var previousWasItem = false;
        string[]? columns = null;
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        for (var at = 0; at < lines.Length; at++)
        {
            var line = lines[at];
            if (line.Length == 0)
            {
                // A blank line between two items does not end their list.
                paragraph += previousWasItem ? 0 : 1;
                continue;
            }
            if (IsRow(line))
            {
                // Two columns are a list of names and values, with or without a row that names them; more have one.
                var cells = line.Split(" | ", StringSplitOptions.TrimEntries);
                var isHead = columns is null && (cells.Length > 2 || NamesColumns(lines, at));
                if (!isHead)
                    sentences.Add(new Sentence(Row(cells, columns), paragraph, SentenceKind.Row));
                columns ??= cells;
                previousWasItem = true;
                continue;
            }
            columns = null;
            if (Item(line) is { } item)
            {
                sentences.Add(new Sentence(item, paragraph, char.IsAsciiDigit(line[0]) ? SentenceKind.Step : SentenceKind.Item));
                previousWasItem = true;
                continue;
            }
            // A line that goes on where the one before broke off is of the same paragraph.
            if (previousWasItem || (sentences.Count > 0 && (sentences[^1].Kind == SentenceKind.Label || Ends(sentences[^1].Text))))
                paragraph++;
            previousWasItem = false;
            Prose(line, paragraph, sentences);
        }
        return sentences;
    }

    private static bool IsRow(string line) => line.Contains(" | ", StringComparison.Ordinal);

    /// <summary>"Repair | Price" above "Patch | € 18": a name where the rows below have numbers.</summary>
    private static bool NamesColumns(string[] lines, int first)
    {
        var values = lines
            .Skip(first)
            .TakeWhile(IsRow)
            .Select(row => row[row.IndexOf(" | ", StringComparison.Ordinal)..].Any(char.IsDigit))
            .ToList();
        return !values[0] && values.Count > 2 && values.Skip(1).Count(hasNumber => hasNumber) * 2 > values.Count - 1;
    }

    /// <summary>"Germany: Standard € 4.90; Time 1–3 working days".</summary>
    private static string Row(string[] cells, string[]? columns)
    {
        if (cells.Length == 2)
            return $"{cells[0]}: {cells[1]}";
        var told = cells.Skip(1).Select((cell, i) => columns is not null && i + 1 < columns.Length ? Cell(columns[i + 1], cell) : cell);
        return $"{cells[0]}: {string.Join("; ", told)}";
    }

    private static string Cell(string column, string value) =>
        value.Length > 0 && char.IsLetter(value[0]) ? $"{column}: {value}" : $"{column} {value}";

    private static void Prose(string line, int paragraph, List<Sentence> sentences)
    {
        var start = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (!EndsAt(line, start, i, out var next))
                continue;
            Add(line[start..next].Trim());
            start = next;
            i = next - 1;
        }
        Add(line[start..].Trim());

        void Add(string text)
        {
            if (text.Length == 0)
                return;
            var isLabel = !Ends(text) && text.Length < 80 && !text.Any(char.IsDigit);
            sentences.Add(new Sentence(text, paragraph, isLabel ? SentenceKind.Label : SentenceKind.Prose));
        }
    }

    private static bool Ends(string text) => text[^1] is '.' or '!' or '?' or '…' or ':' or ';' or ')' or '"' or '”' or '»' or '“';

    private static bool EndsAt(string line, int start, int at, out int next)
    {
        next = at + 1;
        if (line[at] is not ('.' or '!' or '?' or '…'))
            return false;
        while (next < line.Length && line[next] is '.' or '!' or '?' or '…' or '"' or '”' or '»' or '“' or ')' or '\'' or '’')
            next++;
        if (next >= line.Length || !char.IsWhiteSpace(line[next]))
            return false;
        var following = next;
        while (
            following < line.Length
            && (char.IsWhiteSpace(line[following]) || line[following] is '"' or '“' or '„' or '«' or '(' or '¿' or '¡')
        )
            following++;
        if (following < line.Length && char.IsLower(line[following]))
            return false;
        if (line[at] != '.')
            return true;
        var word = at;
        while (word > start && !char.IsWhiteSpace(line[word - 1]))
            word--;
        var before = line[word..at].TrimStart('(', '"', '“', '„');
        // One letter ("z. B.", "J. Doe") or a bare number ("am 3. Mai", "1. Open the box") does not end a sentence.
        var isInitial = before.Length == 1 && char.IsLetter(before[0]);
        var isOrdinal = before.Length is 1 or 2 && before.All(char.IsDigit) && following < line.Length && char.IsLetter(line[following]);
        return !isInitial && !isOrdinal && !Abbreviations.Contains(before);
    }

    private static string? Item(string line)
    {
        if (line.Length > 2 && line[0] is '-' or '*' or '•' or '–' or '·' && line[1] == ' ')
            return line[2..].Trim();
        var digits = 0;
        while (digits < line.Length && char.IsAsciiDigit(line[digits]))
            digits++;
        var isNumbered = digits is 1 or 2 && line.Length > digits + 2 && line[digits] is '.' or ')' && line[digits + 1] == ' ';
        return isNumbered ? line[(digits + 2)..].Trim() : null;
    }
}
