using System.Globalization;
using System.Text;
using AngleSharp.Dom;

namespace Tenet.Knowledge.Documents;

/// <summary>Walks an HTML tree once, in reading order, and hands headings and blocks to the builder.</summary>
internal sealed class ContentWalk(DocumentBuilder builder, bool keepLinkLists)
{
    /// <summary>Deeper elements are skipped: no honest page nests like this, and the walk is recursive.</summary>
    const int DeepestElement = 200;

    const int FewestLinksOfNavigation = 3;
    const int LongestLinkOfNavigation = 60;
    const int TermLevel = 7;

    readonly StringBuilder line = new();
    string? pendingAnchor;
    int asides;
    int linkDepth;
    int linkCharacters;
    int textCharacters;

    /// <summary>Of each ordered list around, the number of its last entry.</summary>
    readonly Stack<int> steps = new();
    int links;

    public void Run(IElement root)
    {
        WalkChildren(root, 0);
        Flush(BlockKind.Paragraph);
    }

    void WalkChildren(INode parent, int depth)
    {
        for (var child = parent.FirstChild; child is not null && !builder.IsFull; child = child.NextSibling)
        {
            if (child is IText text)
                AppendText(text.Data);
            else if (child is IElement element && depth < DeepestElement && !Boilerplate.Is(element))
                Walk(element, depth + 1);
        }
    }

    void Walk(IElement element, int depth)
    {
        var name = element.LocalName;
        if (Boilerplate.IsHeading(name))
        {
            WalkHeading(element, name[1] - '0');
            return;
        }
        if (Anchor(element) is { } anchor)
            pendingAnchor = anchor;
        switch (name)
        {
            case "br":
                line.Append('\n');
                break;
            case "pre":
                Flush(BlockKind.Paragraph);
                AddText(BlockKind.Code, HtmlText.Preformatted(element));
                break;
            case "a":
                links++;
                linkDepth++;
                WalkChildren(element, depth);
                linkDepth--;
                break;
            case "dt" when TermAnchor(element) is { } termAnchor:
                Flush(BlockKind.Paragraph);
                builder.AddHeading(TermLevel, Shorten(HtmlText.Inline(element)), termAnchor);
                pendingAnchor = null;
                break;
            case "table" when HtmlTable.IsData(element):
                WalkContainer(element, depth, () => AddText(BlockKind.Table, HtmlTable.Rows(element)));
                break;
            case "li" when element.ParentElement?.LocalName is "ol" && steps.Count > 0:
                steps.Push(steps.Pop() + 1);
                WalkContainer(element, depth, null, BlockKind.Step);
                break;
            case "li":
                WalkContainer(element, depth, null, BlockKind.ListItem);
                break;
            case "ol":
                steps.Push(0);
                WalkContainer(element, depth, null);
                steps.Pop();
                break;
            case "dl" or "ul" or "table" or "section" or "article" or "blockquote" or "td" or "dd" or "div" or "form" or "main":
                WalkContainer(element, depth, null);
                break;
            case "p"
            or "dt"
            or "tr"
            or "figure"
            or "figcaption"
            or "details"
            or "summary"
            or "header"
            or "address"
            or "fieldset"
            or "center":
                Flush(BlockKind.Paragraph);
                WalkChildren(element, depth);
                Flush(BlockKind.Paragraph);
                break;
            default:
                WalkChildren(element, depth);
                break;
        }
    }

    void WalkContainer(IElement element, int depth, Action? instead, BlockKind kind = BlockKind.Paragraph)
    {
        Flush(BlockKind.Paragraph);
        var entered = builder.Mark();
        var (text, linked, count) = (textCharacters, linkCharacters, links);
        var aside = Boilerplate.IsAside(element);
        asides += aside ? 1 : 0;
        if (instead is null)
            WalkChildren(element, depth);
        else
            instead();
        asides -= aside ? 1 : 0;
        Flush(kind);
        if (IsNavigation(textCharacters - text, linkCharacters - linked, links - count) && builder.HeadingCount == entered.Headings)
            builder.RollBack(entered);
        else if (element.LocalName is not ("div" or "main" or "form" or "table" or "dl"))
            builder.LeaveScope(entered);
    }

    /// <summary>Most of the text is short links: a menu, a list of neighbours, a footer that does not say so.</summary>
    bool IsNavigation(int text, int linked, int count) =>
        !keepLinkLists && count >= FewestLinksOfNavigation && linked * 10L > text * 7L && linked / count < LongestLinkOfNavigation;

    void WalkHeading(IElement heading, int level)
    {
        Flush(BlockKind.Paragraph);
        var text = Shorten(HtmlText.Inline(heading));
        if (asides > 0)
            AddText(BlockKind.Paragraph, text.Length > 0 ? text + ":" : "");
        else
            builder.AddHeading(level, text, Anchor(heading) ?? HtmlText.FirstAnchor(heading) ?? pendingAnchor);
        pendingAnchor = null;
    }

    /// <summary>A term of a definition list that can be linked to is a heading of its own.</summary>
    static string? TermAnchor(IElement term) => Anchor(term) ?? HtmlText.FirstAnchor(term);

    static string? Anchor(IElement element) =>
        element.Id is { Length: > 0 } id ? id
        : element.LocalName is "a" && element.GetAttribute("name") is { Length: > 0 } name ? name
        : null;

    static string Shorten(string heading) => heading.Length <= 200 ? heading : heading[..200].TrimEnd() + "…";

    void AppendText(string data)
    {
        var before = line.Length;
        HtmlText.AppendCollapsed(line, data);
        if (linkDepth > 0)
            linkCharacters += line.Length - before;
        textCharacters += line.Length - before;
    }

    void AddText(BlockKind kind, string text)
    {
        textCharacters += text.Length;
        if (text.Length > 0)
            pendingAnchor = null;
        builder.Add(kind, text);
    }

    void Flush(BlockKind kind)
    {
        if (line.Length == 0)
            return;
        var text = HtmlText.TrimLines(line);
        line.Clear();
        if (text.Length == 0)
            return;
        pendingAnchor = null;
        builder.Add(kind, kind is BlockKind.Step ? string.Create(CultureInfo.InvariantCulture, $"{steps.Peek()}. {text}") : text);
    }
}
