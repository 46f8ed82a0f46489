using System.Text;

namespace Tenet.Knowledge.Documents;

/// <summary>A passage of a page: what is ranked, shown and cited.</summary>
/// <param name="Heading">The headings above it without the page's title, " › " between them; empty at the top of the page.</param>
internal sealed record TextChunk(int Ordinal, string Heading, string? Anchor, string Text);

/// <summary>
/// Cuts a document along its headings. A passage holds 180 to 350 words where the text allows: short neighbours under the same parent are
/// joined, long sections are cut between blocks, code and tables stay whole up to a limit.
/// </summary>
internal static class Chunker
{
    public const string PathSeparator = " › ";

    const int MostWords = 350;
    const int EnoughWords = 180;

    /// <summary>A section of this many words stands on its own even when more would fit: its heading leads exactly there.</summary>
    const int OwnWords = 8;

    /// <summary>Fewer words above the first heading belong to it: the passage is cited by the heading that answers.</summary>
    const int LeadWords = 10;

    const int MostWordsOfOneBlock = 600;
    const int MostChunks = 2_000;

    public static List<TextChunk> Cut(Document document)
    {
        var chunks = new List<TextChunk>();
        var text = new StringBuilder();
        var words = 0;
        Section? first = null;
        void Close()
        {
            if (text.Length > 0 && chunks.Count < MostChunks)
                chunks.Add(new TextChunk(chunks.Count, HeadingOf(first!), first!.Anchor, text.ToString()));
            text.Clear();
            words = 0;
            first = null;
        }
        foreach (var section in document.Sections)
        {
            var sectionWords = section.Blocks.Sum(b => CountWords(b.Text));
            if (first is not null && !Joins(first, section, words, sectionWords))
                Close();
            if (first is not null && words < LeadWords && first.Path.Count < section.Path.Count)
                first = section;
            if (first is not null && section.Path.Count > 0 && !section.Path.SequenceEqual(first.Path, StringComparer.Ordinal))
                Append(text, "**" + section.Path[^1] + "**");
            first ??= section;
            foreach (var block in section.Blocks.SelectMany(Divide))
            {
                var blockWords = CountWords(block.Text);
                if (words > 0 && words + blockWords > MostWords)
                {
                    Close();
                    first = section;
                }
                Append(text, block.ToMarkdown());
                words += blockWords;
            }
        }
        Close();
        return chunks;
    }

    static bool Joins(Section first, Section next, int words, int nextWords)
    {
        if (words >= EnoughWords || words + nextWords > MostWords)
            return false;
        if (next.Path.SequenceEqual(first.Path, StringComparer.Ordinal))
            return true;
        return AreSiblings(first.Path, next.Path)
            ? words < OwnWords || nextWords < OwnWords
            : IsParent(first.Path, next.Path) && (words < LeadWords || nextWords < OwnWords);
    }

    static bool IsParent(IReadOnlyList<string> parent, IReadOnlyList<string> child) =>
        parent.Count <= child.Count && parent.SequenceEqual(child.Take(parent.Count), StringComparer.Ordinal);

    static bool AreSiblings(IReadOnlyList<string> a, IReadOnlyList<string> b) =>
        a.Count == b.Count && a.SkipLast(1).SequenceEqual(b.SkipLast(1), StringComparer.Ordinal);

    static string HeadingOf(Section section) => string.Join(PathSeparator, section.Path);

    static void Append(StringBuilder text, string block)
    {
        if (text.Length > 0)
            text.Append('\n');
        text.Append(block);
    }

    static IEnumerable<Block> Divide(Block block)
    {
        var limit = block.Kind is BlockKind.Code or BlockKind.Table ? MostWordsOfOneBlock : MostWords;
        if (CountWords(block.Text) <= limit)
            return [block];
        return Pieces(block, limit);
    }

    /// <summary>Prose between sentences, code and tables between lines; a table's first row heads each piece.</summary>
    static IEnumerable<Block> Pieces(Block block, int limit)
    {
        var lines = block.Kind is BlockKind.Code or BlockKind.Table;
        var piece = new StringBuilder();
        var words = 0;
        var head = block.Kind is BlockKind.Table ? block.Text[..Math.Max(block.Text.IndexOf('\n', StringComparison.Ordinal), 0)] : "";
        foreach (var part in lines ? block.Text.Split('\n').SelectMany(Halves) : Sentences(block.Text))
        {
            var count = CountWords(part);
            if (words > 0 && words + count > limit)
            {
                yield return new Block(block.Kind, piece.ToString().Trim('\n', ' '));
                piece.Clear().Append(head);
                words = CountWords(head);
            }
            if (piece.Length > 0)
                piece.Append(lines ? '\n' : ' ');
            piece.Append(part);
            words += count;
        }
        if (words > 0)
            yield return new Block(block.Kind, piece.ToString().Trim('\n', ' '));
    }

    static IEnumerable<string> Sentences(string text)
    {
        var start = 0;
        for (var i = 0; i + 1 < text.Length; i++)
        {
            var ends = text[i] is '\n' or '。' or '！' or '？' || (text[i] is '.' or '!' or '?' && text[i + 1] is ' ' or '\n');
            if (!ends)
                continue;
            foreach (var part in Halves(text[start..(i + 1)].Trim()))
                yield return part;
            start = i + 1;
        }
        foreach (var part in Halves(text[start..].Trim()))
            yield return part;
    }

    /// <summary>One line of thousands of words, as minified text has, is cut where it must be.</summary>
    static IEnumerable<string> Halves(string line)
    {
        const int most = 2_000;
        while (line.Length > most)
        {
            var cut = line.LastIndexOf(' ', most, most / 2);
            cut = cut < 0 ? most : cut;
            yield return line[..cut].TrimEnd();
            line = line[cut..].TrimStart();
        }
        yield return line;
    }

    static int CountWords(string text)
    {
        var words = 0;
        var inside = false;
        foreach (var c in text)
        {
            if (c is ' ' or '\n' or '\t')
            {
                inside = false;
                continue;
            }
            if (!inside || (c > '\u2E7F' && Ranking.WordRuns.IsIdeographic(c)))
                words++;
            inside = true;
        }
        return words;
    }
}
