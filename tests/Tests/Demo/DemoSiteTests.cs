using System.Text.RegularExpressions;
using Shouldly;
using Tenet.Demo;
using Xunit;

namespace Tenet.Tests.Demo;

public sealed partial class DemoSiteTests
{
    private static readonly DemoSite Site = DemoSite.Load();

    [Fact]
    public void Every_link_leads_to_a_page_and_every_fragment_to_a_heading()
    {
        var pages = Site.Pages.ToDictionary(page => page.Path, page => page.Render("http://shop.example", ""), StringComparer.Ordinal);

        var dead =
            from page in pages
            from link in Links().Matches(page.Value).Select(match => match.Groups["to"].Value)
            where link.StartsWith("/demo", StringComparison.Ordinal) || link.StartsWith('#')
            let parts = link.Split('#')
            let target = parts[0].Length == 0 ? page.Key : parts[0]
            where
                !pages.ContainsKey(target)
                    && !target.EndsWith(".css", StringComparison.Ordinal)
                    && !target.EndsWith(".svg", StringComparison.Ordinal)
                || (parts.Length > 1 && !pages[target].Contains($"id=\"{parts[1]}\"", StringComparison.Ordinal))
            select $"{page.Key} → {link}";

        dead.ShouldBeEmpty();
    }

    [Fact]
    public void No_placeholder_is_left_and_every_section_heading_has_an_anchor()
    {
        foreach (var page in Site.Pages)
        {
            var html = page.Render("http://shop.example", "");
            html.ShouldNotContain("{{");
            html.ShouldNotContain("<h2>", customMessage: page.Path);
        }
    }

    [GeneratedRegex("href=\"(?<to>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Links();
}
