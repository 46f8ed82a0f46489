using System.Text.RegularExpressions;

namespace Tenet.Assistant.Pages;

internal enum BlockKind
{
    Paragraph,
    Bullets,
    Steps,
    Code,
}

/// <param name="Text">What is read.</param>
/// <param name="Kind">"text", "bold", "code", "badge" or "link".</param>
/// <param name="Url">Of a link: http or https.</param>
internal sealed record Span(string Text, string Kind = "text", string? Url = null);

internal sealed record Block(BlockKind Kind, List<string> Lines);

/// <summary>The little Markdown that answers use, read into pieces that a page renders as text: nothing of it is ever HTML.</summary>
internal static partial class AnswerMarkup
{
    public static List<Block> Blocks(string text)
    {
        var blocks = new List<Block>();
        var isCode = false;
        Block? open = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
                open = null;
                continue;
            }
            if (!isCode && line.Trim().Length == 0)
            {
                open = null;
                continue;
            }
            var item = isCode ? Match.Empty : Item().Match(line);
            var kind = isCode ? BlockKind.Code : KindOf(item);
            if (open?.Kind != kind)
                blocks.Add(open = new Block(kind, []));
            open.Lines.Add(item.Success ? line[item.Length..] : line.TrimStart(isCode ? [] : ['#', ' ']));
        }
        return blocks;
    }

    public static IEnumerable<Span> Spans(string line)
    {
        var at = 0;
        foreach (Match match in Inline().Matches(line))
        {
            if (match.Index > at)
                yield return new Span(line[at..match.Index]);
            at = match.Index + match.Length;
            yield return match.Groups switch
            {
                var g when g["code"].Success => new Span(g["code"].Value, "code"),
                var g when g["bold"].Success => new Span(g["bold"].Value, "bold"),
                var g when g["badge"].Success => new Span(g["badge"].Value, "badge"),
                var g => new Span(g["label"].Value, "link", g["url"].Value),
            };
        }
        if (at < line.Length)
            yield return new Span(line[at..]);
    }

    private static BlockKind KindOf(Match item) =>
        !item.Success ? BlockKind.Paragraph
        : char.IsAsciiDigit(item.Value.TrimStart()[0]) ? BlockKind.Steps
        : BlockKind.Bullets;

    [GeneratedRegex(@"^ {0,3}([-*•]|\d{1,2}[.)]) +", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Item();

    [GeneratedRegex(
        @"`(?<code>[^`]+)`|\*\*(?<bold>[^*]+)\*\*|\[(?<badge>\d{1,3})\]|\[(?<label>[^\]]+)\]\((?<url>https?://[^\s)]+)\)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 100
    )]
    private static partial Regex Inline();
}
