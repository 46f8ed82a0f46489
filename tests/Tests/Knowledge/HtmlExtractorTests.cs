using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Knowledge.Documents;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class HtmlExtractorTests
{
    [Fact]
    public void Boilerplate_is_dropped_and_the_main_text_kept()
    {
        var page = Read(
            """
            <header><a href="/">Logo</a></header><nav><ul><li><a href="/a">Menu</a></li></ul></nav>
            <main><h1>Returns</h1><p>Thirty days.</p><script>alert(1)</script><div class="newsletter">Subscribe</div><p hidden>Unseen</p></main>
            <aside>Advert</aside><footer>Imprint</footer>
            """
        );

        page.Document.Title.ShouldBe("Returns");
        Text(page).ShouldBe("Thirty days.");
    }

    [Theory]
    [InlineData("<h2 id='x'>Exchange</h2>", "x")]
    [InlineData("<h2><a name='x'></a>Exchange</h2>", "x")]
    [InlineData("<h2><span id='x'>Exchange</span></h2>", "x")]
    [InlineData("<a name='x'></a><h2>Exchange</h2>", "x")]
    [InlineData("<section id='x'><h2>Exchange</h2>", "x")]
    [InlineData("<div class='sect2' id='x'><div class='titlepage'><div><div><h3 class='title'>Exchange</h3></div></div></div>", "x")]
    [InlineData("<p id='x'>Before.</p><h2>Exchange</h2>", null)]
    public void A_heading_is_reached_by_its_own_its_childs_or_its_sections_anchor(string heading, string? anchor)
    {
        var section = Read($"<main><h1>T</h1><p>Intro.</p>{heading}<p>We swap it.</p></main>").Document.Sections[^1];

        section.Path.ShouldBe(["Exchange"]);
        section.Anchor.ShouldBe(anchor);
    }

    [Fact]
    public void Headings_make_a_path_and_a_note_is_no_heading()
    {
        var page = Read(
            "<main><h1>T</h1><h2>A</h2><p>a</p><h3>B</h3><p>b</p><div class='note'><h3>Note</h3><p>n</p></div><p>still b</p><h2>C</h2><p>c</p></main>"
        );

        page.Document.Sections.Select(s => string.Join('/', s.Path) + ": " + string.Join(' ', s.Blocks.Select(b => b.Text)))
            .ShouldBe(["A: a", "A/B: b Note: n still b", "C: c"]);
    }

    [Fact]
    public void Terms_that_can_be_linked_to_are_headings()
    {
        var section = Read("<main><h1>Settings</h1><dl><dt id='max'>max_connections</dt><dd><p>How many.</p></dd></dl></main>")
            .Document.Sections.ShouldHaveSingleItem();

        (section.Path[0], section.Anchor).ShouldBe(("max_connections", "max"));
    }

    [Fact]
    public void A_list_of_short_links_is_navigation_and_a_list_of_sentences_is_not()
    {
        Text(Read("<body><h1>T</h1><p>Words.</p><ul><li><a href=a>One</a><li><a href=b>Two</a><li><a href=c>Three</a></ul></body>"))
            .ShouldBe("Words.");
        Text(
                Read(
                    "<body><h1>T</h1><ul><li>See <a href=a>one</a> when it rains<li>See <a href=b>two</a> in the snow<li>Or <a href=c>three</a> at night</ul></body>"
                )
            )
            .ShouldContain("in the snow");
    }

    [Fact]
    public void Code_and_tables_keep_their_form()
    {
        var blocks = Read(
            "<main><h1>T</h1><pre>a\n  b</pre><table><tr><th>Size</th><th>Price</th></tr><tr><td>S</td><td>5 €</td></tr></table></main>"
        )
            .Document.Sections[0]
            .Blocks;

        blocks.ShouldBe([new Block(BlockKind.Code, "a\n  b"), new Block(BlockKind.Table, "Size | Price\nS | 5 €")]);
    }

    [Fact]
    public void Directives_links_and_canonical_are_read()
    {
        var page = Read(
            "<head><base href='https://a.example/b/'><meta name=ROBOTS content='NoIndex, nofollow'><link rel=canonical href='/c'></head><a href=x>x</a>"
        );
        (page.NoIndex, page.NoFollow, page.Canonical, page.Base!.AbsoluteUri, page.Links.Count).ShouldBe(
            (true, true, "/c", "https://a.example/b/", 0)
        );

        Read("<a href='x#y'>1</a><a href='x'>2</a><a rel=nofollow href=z>3</a><a href='#top'>4</a>").Links.ShouldBe(["x"]);
    }

    [Fact]
    public void A_hundred_thousand_open_tags_are_refused_before_a_tree_is_built() =>
        Should.Throw<FormatException>(() => Read(string.Concat(Enumerable.Repeat("<div><b>", 100_000)) + "deep"));

    [Fact]
    public void Paragraphs_that_nobody_closes_are_read() =>
        Read(string.Concat(Enumerable.Repeat("<p>word", 3_000))).Document.IsEmpty.ShouldBeFalse();

    [Fact]
    public void Malformed_html_never_breaks_the_reading() =>
        Prop.ForAll(
                Gen.Elements(
                        "<",
                        ">",
                        "</",
                        "div",
                        "table",
                        "<td>",
                        "<h2 id=",
                        "\"",
                        "'",
                        "&#0;",
                        "&#xD800;",
                        "<!--",
                        "-->",
                        "<pre>",
                        "<script>",
                        "li",
                        " ",
                        "text",
                        "\0",
                        "<![CDATA[",
                        "<svg>",
                        "<template>"
                    )
                    .ListOf()
                    .Select(parts => string.Concat(parts))
                    .ToArbitrary(),
                html =>
                {
                    Chunker.Cut(HtmlExtractor.Extract(html).Document);
                    return true;
                }
            )
            .QuickCheckThrowOnFailure();

    private static HtmlPage Read(string html) => HtmlExtractor.Extract(html);

    private static string Text(HtmlPage page) => string.Join('\n', page.Document.Sections.SelectMany(s => s.Blocks).Select(b => b.Text));
}
