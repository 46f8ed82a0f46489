using System.Text;
using AngleSharp.Dom;

namespace Tenet.Knowledge.Documents;

/// <summary>Text out of HTML nodes, with white space as a browser would show it.</summary>
internal static class HtmlText
{
    public static void AppendCollapsed(StringBuilder line, ReadOnlySpan<char> data)
    {
        while (data.Length > 0)
        {
            var space = data.IndexOfAny(" \t\r\n\f\u00A0");
            if (space != 0)
            {
                var word = space < 0 ? data : data[..space];
                line.Append(word);
                data = data[word.Length..];
                continue;
            }
            if (line.Length > 0 && line[^1] is not (' ' or '\n'))
                line.Append(' ');
            var next = data.IndexOfAnyExcept(" \t\r\n\f\u00A0");
            data = next < 0 ? default : data[next..];
        }
    }

    public static string TrimLines(StringBuilder line)
    {
        var text = line.ToString();
        if (!text.Contains('\n', StringComparison.Ordinal))
            return text.Trim();
        return string.Join('\n', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>All text below the element as one line; permalink marks at its end are dropped.</summary>
    public static string Inline(IElement element)
    {
        var line = new StringBuilder();
        AppendInline(line, element);
        return line.Replace('\n', ' ').ToString().Trim().TrimEnd('#', '¶', '§', ' ');
    }

    public static string Preformatted(IElement element) => element.TextContent.ReplaceLineEndings("\n").Trim('\n').TrimEnd();

    public static string? FirstAnchor(IElement element)
    {
        foreach (var child in element.Children)
        {
            if (child.Id is { Length: > 0 } id)
                return id;
            if (child.LocalName is "a" && child.GetAttribute("name") is { Length: > 0 } name)
                return name;
            if (FirstAnchor(child) is { } below)
                return below;
        }
        return null;
    }

    static void AppendInline(StringBuilder line, IElement root)
    {
        // In document order without recursion: headings can be malformed, too.
        INode? node = root.FirstChild;
        while (node is not null)
        {
            var skip = node is IElement element && Boilerplate.Is(element);
            if (node is IText text)
                AppendCollapsed(line, text.Data);
            else if (node is IElement { LocalName: "br" or "p" or "div" or "td" or "li" } && line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
            if (!skip && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }
            while (node is not null && node != root && node.NextSibling is null)
                node = node.Parent;
            node = node is null || node == root ? null : node.NextSibling;
        }
    }
}
