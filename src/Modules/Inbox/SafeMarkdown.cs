using System.Globalization;
using System.Net;
using System.Text;
using Markdig;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Tenet.Assistant;

namespace Tenet.Inbox;

/// <summary>
/// Messages as HTML for the console. Their text is untrusted: HTML in it is shown as text, links lead to http, https or mailto only,
/// images become links, and badges are made for the message's own citations alone.
/// </summary>
internal static class SafeMarkdown
{
    // Private-use characters stand for badges while Markdown is parsed.
    private const char Open = '\uE000';
    private const char Close = '\uE001';
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UseAutoLinks()
        .UseSoftlineBreakAsHardlineBreak()
        .Build();

    public static string ToHtml(string text, IReadOnlyList<Citation> citations)
    {
        var source = text.Replace(Open, ' ').Replace(Close, ' ');
        foreach (var citation in citations)
        {
            var number = citation.Number.ToString(CultureInfo.InvariantCulture);
            source = source.Replace($"[{number}]", $"{Open}{number}{Close}", StringComparison.Ordinal);
        }
        var document = Markdown.Parse(source, Pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            link.Url = LinkOf(link.Url);
            link.IsImage = false;
            link.GetAttributes().AddPropertyIfNotExist("target", "_blank");
            link.GetAttributes().AddPropertyIfNotExist("rel", "noopener nofollow");
        }
        foreach (var link in document.Descendants<AutolinkInline>().Where(link => !link.IsEmail).ToList())
        {
            link.Url = LinkOf(link.Url) ?? "#";
        }
        var html = new StringBuilder(document.ToHtml(Pipeline));
        foreach (var citation in citations)
        {
            var badge =
                $"<a class=\"src\" href=\"{WebUtility.HtmlEncode(LinkOf(citation.Url) ?? "#")}\" target=\"_blank\" rel=\"noopener\" "
                + $"aria-label=\"Source {citation.Number}: {WebUtility.HtmlEncode(citation.Heading)}\">{citation.Number}</a>";
            html.Replace(string.Create(CultureInfo.InvariantCulture, $"{Open}{citation.Number}{Close}"), badge);
        }
        return html.ToString();
    }

    /// <returns>Null when the address is not one a browser may be led to.</returns>
    public static string? LinkOf(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "mailto"
            ? address!.AbsoluteUri
            : null;

    /// <summary>Where a citation stands: the page's title, before its heading.</summary>
    public static string Trail(Citation citation) =>
        citation.Heading.Length == 0 || Leaf(citation) == citation.Title ? "" : citation.Title + " ›";

    public static string Leaf(Citation citation) => citation.Heading.Split(" › ") is [.., { Length: > 0 } last] ? last : citation.Title;
}
