using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Tenet.Knowledge.Documents;

/// <summary>Main content, headings with anchors, links and directives of an HTML page. Malformed HTML is repaired as browsers do.</summary>
internal static class HtmlExtractor
{
    const int MaxCharacters = 2_000_000;
    const int MaxLinks = 10_000;
    const int LittleText = 200;

    static readonly string[] TitleSeparators = [" | ", " – ", " — ", " · ", " :: ", " - "];

    /// <exception cref="FormatException">Nested deeper than any honest page.</exception>
    public static HtmlPage Extract(string html)
    {
        if (Nesting.IsTooDeep(html))
            throw new FormatException("The HTML is nested too deeply.");
        using var dom = new HtmlParser().ParseDocument(html);
        var (noIndex, noFollow) = Robots(dom);
        var @base = Uri.TryCreate(dom.QuerySelector("base[href]")?.GetAttribute("href"), UriKind.Absolute, out var href) ? href : null;
        return new HtmlPage(
            Content(dom),
            noFollow ? [] : Links(dom),
            @base,
            dom.QuerySelector("link[rel=canonical]")?.GetAttribute("href"),
            noIndex,
            noFollow
        );
    }

    public static (bool NoIndex, bool NoFollow) ParseRobots(string? directives)
    {
        bool Has(string word) =>
            directives?.Split(',').Any(d => d.AsSpan(d.LastIndexOf(':') + 1).Trim().Equals(word, StringComparison.OrdinalIgnoreCase))
            == true;
        return (Has("noindex") || Has("none"), Has("nofollow") || Has("none"));
    }

    static Document Content(IHtmlDocument dom)
    {
        var language = dom.DocumentElement?.GetAttribute("lang") ?? dom.DocumentElement?.GetAttribute("xml:lang");
        if (dom.Body is not { } body)
            return new Document(PageTitle(dom, null), language, []);
        var builder = Collect(MainContent(dom) ?? body, keepLinkLists: false);
        if (builder.Characters < LittleText && Collect(body, keepLinkLists: false) is var whole && whole.Characters > builder.Characters)
            builder = whole;
        return builder.Build(PageTitle(dom, builder.FirstHeading), language);
    }

    static DocumentBuilder Collect(IElement root, bool keepLinkLists)
    {
        var builder = new DocumentBuilder(MaxCharacters);
        new ContentWalk(builder, keepLinkLists).Run(root);
        return builder;
    }

    static IElement? MainContent(IHtmlDocument dom)
    {
        if (dom.QuerySelector("main, [role=main]") is { } main)
            return main;
        if ((dom.GetElementById("content") ?? dom.GetElementById("main-content") ?? dom.GetElementById("main")) is { } content)
            return content;
        var articles = dom.GetElementsByTagName("article");
        return articles.Length == 1 ? articles[0] : null;
    }

    /// <summary>The first h1; else the title element without the site's name; else the first heading.</summary>
    static string PageTitle(IHtmlDocument dom, string? firstHeading)
    {
        if (dom.QuerySelector("h1") is { } h1 && HtmlText.Inline(h1) is { Length: > 0 } heading)
            return heading;
        var title = dom.Title?.Trim() ?? "";
        if (title.Length == 0)
            return firstHeading ?? "";
        var parts = title.Split(TitleSeparators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.FirstOrDefault(p => string.Equals(p, firstHeading, StringComparison.OrdinalIgnoreCase))
            ?? parts.FirstOrDefault()
            ?? title;
    }

    static (bool NoIndex, bool NoFollow) Robots(IHtmlDocument dom)
    {
        var (noIndex, noFollow) = (false, false);
        foreach (var meta in dom.GetElementsByTagName("meta"))
        {
            if (meta.GetAttribute("name") is not { } name || !IsForUs(name))
                continue;
            var (index, follow) = ParseRobots(meta.GetAttribute("content"));
            noIndex |= index;
            noFollow |= follow;
        }
        return (noIndex, noFollow);
    }

    static bool IsForUs(string name) =>
        name.Equals("robots", StringComparison.OrdinalIgnoreCase) || name.Equals("tenetbot", StringComparison.OrdinalIgnoreCase);

    static List<string> Links(IHtmlDocument dom)
    {
        var links = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var a in dom.GetElementsByTagName("a").Concat(dom.GetElementsByTagName("area")))
        {
            if (links.Count == MaxLinks)
                break;
            if (a.GetAttribute("href") is not { Length: > 0 } href || href[0] == '#')
                continue;
            if (a.GetAttribute("rel")?.Contains("nofollow", StringComparison.OrdinalIgnoreCase) == true)
                continue;
            var fragment = href.IndexOf('#', StringComparison.Ordinal);
            if (seen.Add(fragment < 0 ? href : href[..fragment]))
                links.Add(fragment < 0 ? href : href[..fragment]);
        }
        return links;
    }
}
