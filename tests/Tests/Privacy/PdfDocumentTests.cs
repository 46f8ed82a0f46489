using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Shouldly;
using Tenet.Privacy.Documents;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed partial class PdfDocumentTests
{
    [Theory]
    [InlineData("Nguyễn Thị Ánh Tuyết, Thừa Thiên Huế, đường Trần Hưng Đạo")]
    [InlineData("Łukasz Żółć, Škoda, İstanbul, Ærø, ß, Ñandú")]
    [InlineData("Ελένη Παπαδοπούλου, Юлия Щербакова")]
    public void Letters_of_names_can_be_copied_out_as_they_are(string name) => TextOf(Document(name)).ShouldContain(name);

    [Fact]
    public void Letters_whose_accents_stand_apart_are_put_together() =>
        TextOf(Document("Nguyễn".Normalize(NormalizationForm.FormD))).ShouldContain("Nguyễn");

    [Fact]
    public void What_the_font_does_not_have_and_what_is_no_text_at_all_harms_nothing()
    {
        var text = TextOf(Document("before 漢字 \ud83d\ude00 \ud800 \u0000 after"));

        text.ShouldContain("before");
        text.ShouldContain("after");
        text.ShouldContain("\ufffd");
    }

    [Fact]
    public void Only_the_glyphs_that_are_drawn_are_embedded() => Document("Nguyễn").Length.ShouldBeLessThan(40_000);

    [Fact]
    public void The_same_content_gives_the_same_bytes() => Document("Nguyễn").ShouldBe(Document("Nguyễn"));

    private static byte[] Document(string text) => new PdfDocument().Heading("A heading", 1).Line("Name", text).Paragraph(text).Write(text);

    /// <summary>As a reader copies it out: the glyphs' numbers on the pages, by what the document says that they stand for.</summary>
    private static string TextOf(byte[] file)
    {
        var streams = Streams(file).Select(Encoding.Latin1.GetString).ToList();
        var meaning = Meanings()
            .Matches(streams.Single(stream => stream.Contains("begincmap", StringComparison.Ordinal)).Split("endcodespacerange")[1])
            .ToDictionary(
                match => match.Groups["glyph"].Value,
                match => Encoding.BigEndianUnicode.GetString(Convert.FromHexString(match.Groups["text"].Value)),
                StringComparer.Ordinal
            );
        var drawn = streams.SelectMany(stream => Drawn().Matches(stream)).Select(match => match.Groups["line"].Value);
        return string.Join(' ', drawn.Select(line => string.Concat(line.Chunk(4).Select(glyph => meaning[new string(glyph)]))));
    }

    private static IEnumerable<byte[]> Streams(byte[] file)
    {
        var text = Encoding.Latin1.GetString(file);
        foreach (Match match in Packed().Matches(text))
        {
            var length = int.Parse(match.Groups["length"].Value, CultureInfo.InvariantCulture);
            using var zip = new ZLibStream(new MemoryStream(file, match.Index + match.Length, length), CompressionMode.Decompress);
            var content = new MemoryStream();
            zip.CopyTo(content);
            yield return content.ToArray();
        }
    }

    [GeneratedRegex(@"/Length (?<length>\d+) /Filter /FlateDecode[^>]*>>\nstream\n", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Packed();

    [GeneratedRegex("<(?<glyph>[0-9A-F]{4})> <(?<text>[0-9A-F]{4,8})>", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Meanings();

    [GeneratedRegex("<(?<line>[0-9A-F]*)> Tj", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Drawn();
}
