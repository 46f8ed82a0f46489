using System.Collections.Frozen;

namespace Tenet.Knowledge.Documents;

/// <summary>
/// Looks for nesting that no honest page has. Building the tree of a page takes time with the square of its depth, so a few megabytes of
/// opening tags would keep a worker busy for hours.
/// </summary>
internal static class Nesting
{
    /// <summary>As deep as browsers build.</summary>
    public const int Deepest = 512;

    /// <summary>Void elements, and those whose closing tag is left out in good faith.</summary>
    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Uncounted = new[]
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "option",
        "path",
        "use",
        "circle",
        "rect",
        "line",
    }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool IsTooDeep(ReadOnlySpan<char> html)
    {
        var depth = 0;
        while (html.IndexOf('<') is >= 0 and var start)
        {
            html = html[(start + 1)..];
            var closes = html.Length > 0 && html[0] == '/';
            var name = closes ? html[1..] : html;
            var end = name.IndexOfAny(" \t\r\n/><\"");
            name = end < 0 ? name : name[..end];
            if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || Uncounted.Contains(name))
                continue;
            depth = closes ? Math.Max(depth - 1, 0) : depth + 1;
            if (depth > Deepest)
                return true;
        }
        return false;
    }
}
