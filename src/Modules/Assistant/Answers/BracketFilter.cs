namespace Tenet.Assistant;

/// <summary>
/// Square brackets are ours: [3] stays only when source 3 exists and gets its citation's number, links stay only to allowed hosts,
/// images become their text, all other brackets become round.
/// </summary>
internal sealed class BracketFilter(Func<int, int?> cite, Func<Uri, bool> isAllowed, string removedLink) : StreamFilter
{
    private string gap = "";
    private bool hasText;

    protected override bool IsAtLineStart => base.IsAtLineStart || gap.Contains('\n', StringComparison.Ordinal);

    protected override char LastCharacter => gap.Length > 0 ? gap[^1] : base.LastCharacter;

    protected override int Take(ReadOnlySpan<char> rest, bool isLast)
    {
        switch (rest[0])
        {
            case ' ' or '\t' or '\n' or '\r':
                // A space before a marker that is removed goes with it, and an answer does not begin with one.
                if (hasText && gap.Length < 8)
                    gap += rest[0];
                return 1;
            case '!' when rest.Length == 1 && !isLast:
                return Wait;
            case '!' when rest.Length > 1 && rest[1] == '[':
                var marker = CitationMarker.Read(rest[1..], out _);
                if (marker == CitationMarker.Undecided && !isLast)
                    return Wait;
                if (marker < 0)
                    return LinkOrBracket(rest, 1, isLast);
                Emit("!");
                return 1;
            case '[':
                return CitationMarker.Read(rest, out var numbers) switch
                {
                    CitationMarker.Undecided when !isLast => Wait,
                    > 0 and var length => Marker(rest, length, numbers, isLast),
                    _ => LinkOrBracket(rest, 0, isLast),
                };
            case ']':
                Emit(")");
                return 1;
            default:
                Emit(rest[..1]);
                return 1;
        }
    }

    protected override void Emit(ReadOnlySpan<char> text)
    {
        base.Emit(gap);
        base.Emit(text);
        gap = "";
        hasText = true;
    }

    private int Marker(ReadOnlySpan<char> rest, int length, List<int> numbers, bool isLast)
    {
        var after = length;
        if (length == rest.Length && !isLast)
            return Wait;
        if (length < rest.Length && rest[length] == '(')
        {
            // "[1](https://…)": the citation has its own address.
            var end = MarkdownLink.EndOfTarget(rest[(length + 1)..]);
            if (end == MarkdownLink.NotClosedYet && !isLast)
                return Wait;
            if (end >= 0 && MarkdownLink.IsTarget(rest.Slice(length + 1, end)))
                after = length + 1 + end + 1;
        }
        var cited = numbers.Select(cite).OfType<int>().Distinct().ToList();
        if (cited.Count > 0)
            Emit(string.Concat(cited.Select(n => $"[{n}]")));
        else if (gap.Trim().Length == 0 && !gap.Contains('\n', StringComparison.Ordinal))
            gap = "";
        return after;
    }

    private int LinkOrBracket(ReadOnlySpan<char> rest, int open, bool isLast)
    {
        var inner = rest[(open + 1)..];
        var close = MarkdownLink.EndOfText(inner);
        if (close == MarkdownLink.NotClosedYet && !isLast)
            return Wait;
        var after = open + 1 + close + 1;
        if (close < 0)
            return Bracket(open);
        if (after == rest.Length && !isLast)
            return Wait;
        if (after >= rest.Length || rest[after] != '(')
            return Bracket(open);
        var end = MarkdownLink.EndOfTarget(rest[(after + 1)..]);
        if (end == MarkdownLink.NotClosedYet && !isLast)
            return Wait;
        if (end < 0)
            return Bracket(open);
        Link(inner[..close], rest.Slice(after + 1, end), isImage: open == 1);
        return after + 1 + end + 1;
    }

    private int Bracket(int open)
    {
        Emit(open == 1 ? "!(" : "(");
        return open + 1;
    }

    private void Link(ReadOnlySpan<char> label, ReadOnlySpan<char> target, bool isImage)
    {
        var words = MarkdownLink.Words(label);
        var address = isImage ? null : MarkdownLink.Address(target);
        if (address is null || !isAllowed(address))
        {
            if (words.Length > 0 || !isImage)
                Emit(words.Length > 0 ? words : removedLink);
            return;
        }
        var url = address.AbsoluteUri.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal);
        Emit(words.Length > 0 ? $"[{words}]({url})" : url);
    }
}
