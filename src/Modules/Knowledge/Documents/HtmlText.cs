using System.Text;
using AngleSharp.Dom;

namespace Tenet.Knowledge.Documents;

/// <summary>Text out of HTML nodes, with white space as a browser would show it.</summary>
internal static class HtmlText
{
    public static void AppendCollapsed(StringBuilder line, ReadOnlySpan<char> data)
    {
        // Words are short: a plain loop is done before a vectorised search has begun.
        for (var i = 0; i < data.Length; )
        {
            var from = i;
            if (IsSpace(data[i]))
            {
                while (i < data.Length && IsSpace(data[i]))
                    i++;
                if (line.Length > 0 && line[^1] is not (' ' or '\n'))
                    line.Append(' ');
                continue;
            }
            while (i < data.Length && !IsSpace(data[i]))
                i++;
            line.Append(data[from..i]);
        }
    }

    static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n' or '\f' or '\u00A0';

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
