using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Knowledge;
using Tenet.Knowledge.Documents;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class ChunkerTests
{
    [Fact]
    public void Short_neighbours_are_joined_and_long_sections_cut()
    {
        var document = UploadReader.ReadMarkdown($"# T\n\n## A\n\nshort one.\n\n## B\n\nshort two.\n\n## C\n\n{Words(900)}", "t");

        var chunks = Chunker.Cut(document);

        chunks[0].Heading.ShouldBe("A");
        chunks[0].Text.ShouldContain("**B**");
        chunks.Count(c => c.Heading == "C").ShouldBeGreaterThanOrEqualTo(2);
        chunks.ShouldAllBe(c => CountOf(c.Text) <= 360);
    }

    [Fact]
    public void A_cut_table_repeats_its_head()
    {
        var rows = string.Join('\n', Enumerable.Range(0, 700).Select(i => $"| item {i} | {i} euro |"));

        var chunks = Chunker.Cut(UploadReader.ReadMarkdown("# Prices\n\n| Item | Price |\n|---|---|\n" + rows, "t"));

        chunks.Count.ShouldBeGreaterThan(1);
        chunks.ShouldAllBe(c => c.Text.StartsWith("Item | Price", StringComparison.Ordinal));
    }

    [Fact]
    public void No_word_of_a_text_is_lost() =>
        Prop.ForAll<NonEmptyArray<PositiveInt>>(sizes =>
            {
                var text = string.Join("\n\n", sizes.Get.Select((n, i) => Words(n.Get * 7, i * 100_000)));
                var kept = Chunker
                    .Cut(UploadReader.ReadText(text, "t"))
                    .SelectMany(c => c.Text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
                return kept.SequenceEqual(text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Questions_of_a_table_become_headings()
    {
        var document = UploadReader.Read(UploadFormat.Csv, "faq.csv", "Question;Answer\nDo you ship?;\"Yes; everywhere\"\nBy mail?;No");

        document.Sections.Select(s => (s.Path[0], s.Blocks[0].Text)).ShouldBe([("Do you ship?", "Yes; everywhere"), ("By mail?", "No")]);
    }

    private static int CountOf(string text) => text.Split(' ', '\n').Length;

    private static string Words(int count, int from = 0) =>
        string.Join(' ', Enumerable.Range(from, count).Select(i => "w" + i + (i % 12 == 11 ? "." : "")));
}
