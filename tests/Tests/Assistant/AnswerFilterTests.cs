using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Assistant;
using Tenet.Knowledge;
using Xunit;

namespace Tenet.Tests.Assistant;

public sealed partial class AnswerFilterTests
{
    private static readonly string[] Pieces =
    [
        "[1]",
        "[2]",
        "[3]",
        "[9]",
        "[",
        "]",
        "(",
        ")",
        "1",
        "9",
        ",",
        " ",
        "\n",
        "\n\n",
        "!",
        "!",
        "`",
        "``",
        "```",
        "\\",
        "<",
        ">",
        "https://evil.example/x?y=1",
        "http",
        "s:",
        "//",
        "www",
        ".",
        "shop.example",
        "https://shop.example/a",
        "[a](https://evil.example)",
        "![i](https://evil.example/i.png)",
        "[b](https://shop.example/b)",
        "word",
        "[^2]",
        "[1-3]",
        "[1, 2]",
        "é",
        "\ud83d",
        "\ude00",
        "\0",
        "*",
        "_",
        "h",
        "w",
    ];

    [Theory]
    [InlineData("Free [1].", "Free [1].")]
    [InlineData("Free [7].", "Free.")]
    [InlineData("Free [7] for all [2].", "Free for all [1].")]
    [InlineData("A [2] and B [1] and A [2].", "A [1] and B [2] and A [1].")]
    [InlineData("A [1, 2].", "A [1][2].")]
    [InlineData("A [1-3].", "A [1][2][3].")]
    [InlineData("A [1, 8].", "A [1].")]
    [InlineData("A [^1].", "A [1].")]
    [InlineData("A[1](https://evil.example/x).", "A[1].")]
    [InlineData("A [1] (in short)", "A [1] (in short)")]
    [InlineData("Tick [x] and [ ].", "Tick (x) and ( ).")]
    [InlineData("[[9]1]", "(1)")]
    [InlineData("[9] Hello", "Hello")]
    [InlineData("See [our page](https://shop.example/a).", "See [our page](https://shop.example/a).")]
    [InlineData("See [our page](https://evil.example/a).", "See our page.")]
    [InlineData("See [it](javascript:alert(1)).", "See it.")]
    [InlineData("See [it](//evil.example).", "See it.")]
    [InlineData("See [https://shop.example](https://evil.example).", "See (link removed).")]
    [InlineData("Pic ![cat](https://evil.example/c.png?q=secret)!", "Pic cat!")]
    [InlineData("Pic ![](https://shop.example/c.png)!", "Pic !")]
    [InlineData("Go to https://evil.example/a, now", "Go to (link removed), now")]
    [InlineData("Go to WWW.evil.example now", "Go to (link removed) now")]
    [InlineData("Go to https://shop.example/a_(b). Now", "Go to https://shop.example/a_(b). Now")]
    [InlineData("Go to https://user@shop.example/", "Go to (link removed)")]
    [InlineData("ht[9]tps://evil.example", "(link removed)")]
    [InlineData("Use `a[9]` here", "Use `a[9]` here")]
    [InlineData("Use `a[9] here", "Use 'a here")]
    [InlineData("```\nx[9] = 1\n```\nthen [9]", "```\nx[9] = 1\n```\nthen")]
    [InlineData("a\0b\u0007c", "abc")]
    [InlineData("Great![1]", "Great! [1]")]
    [InlineData("Great!\0![a](https://shop.example/a)", "Great!a")]
    [InlineData("😀 [1]", "😀 [1]")]
    [InlineData("cut [1", "cut (1")]
    public void Text_is_made_safe(string streamed, string shown)
    {
        Whole(streamed).Text.ShouldBe(shown);
        for (var cut = 1; cut < streamed.Length; cut++)
            Cut(streamed, [cut]).Text.ShouldBe(shown, $"cut at {cut}");
        Cut(streamed, [.. Enumerable.Range(1, streamed.Length)]).Text.ShouldBe(shown, "one character at a time");
    }

    [Fact]
    public void Half_a_character_is_replaced_and_a_cut_one_is_whole_again()
    {
        Whole("a\ud800b").Text.ShouldBe("a\uFFFDb");
        Cut("a😀b", [2]).Text.ShouldBe("a😀b");
    }

    [Fact]
    public void Marker_cut_between_deltas_is_held_back_until_it_is_known()
    {
        var filter = New(out _);
        filter.Push("Free [").ShouldBe("Free");
        filter.Push("1").ShouldBe("");
        filter.Push("]").ShouldBe("");
        filter.Push(".").ShouldBe(" [1].");
    }

    [Fact]
    public void Whatever_streams_and_wherever_it_is_cut_only_known_citations_and_allowed_links_are_shown()
    {
        var text = Gen.Elements(Pieces).ArrayOf().Select(string.Concat);
        var cases = text.SelectMany(t => Gen.Choose(0, Math.Max(1, t.Length)).ArrayOf().Select(cuts => (Text: t, Cuts: cuts)));
        Prop.ForAll(
                Arb.From(cases),
                c =>
                {
                    var shown = Cut(c.Text, c.Cuts);
                    shown.Pieces.ShouldBe(shown.Text, "the pieces are the text");
                    shown.Text.ShouldBe(Whole(c.Text).Text, "a cut changes nothing");
                    var prose = Code().Replace(shown.Text, "·");
                    var numbers = Markers().Matches(prose).Select(m => int.Parse(m.Groups["n"].Value, provider: null)).Distinct().Order();
                    numbers.ShouldBe(shown.Citations.Select(n => n.Number), "citations and markers are the same");
                    prose.ShouldNotContain("evil.example/");
                    prose.ShouldNotContain("![");
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithEndSize(40));
    }

    private static (string Text, string Pieces, IReadOnlyList<Citation> Citations) Whole(string streamed) => Cut(streamed, []);

    private static (string Text, string Pieces, IReadOnlyList<Citation> Citations) Cut(string streamed, int[] cuts)
    {
        var filter = New(out var book);
        var pieces = "";
        var from = 0;
        foreach (var cut in cuts.Where(c => c < streamed.Length).Order())
        {
            pieces += filter.Push(streamed[from..cut]);
            from = cut;
        }
        pieces += filter.Push(streamed[from..]);
        pieces += filter.Finish();
        return (filter.Text, pieces, book.Citations);
    }

    private static AnswerFilter New(out CitationBook book)
    {
        book = new CitationBook();
        book.Add(
            Enumerable.Range(1, 3).Select(n => new Passage(Guid.CreateVersion7(), "Page", $"H{n}", $"https://shop.example/{n}", "Text", 1))
        );
        return new AnswerFilter(book.Cite, u => u.Host is "shop.example", "(link removed)");
    }

    [GeneratedRegex(
        @"^[ ]{0,3}(?<f>`{3,})[\s\S]*?(^[ ]{0,3}\k<f>`*|\z)|(?<!`)(?<i>`+)(?!`)[\s\S]*?(?<!`)\k<i>(?!`)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Code();

    [GeneratedRegex(@"\[(?<n>\d+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Markers();
}
