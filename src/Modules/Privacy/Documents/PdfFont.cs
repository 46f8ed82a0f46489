using System.Globalization;
using System.Text;
using Tenet.Kernel;

namespace Tenet.Privacy.Documents;

/// <summary>
/// The font of one document: remembers which glyphs were drawn, so that these are embedded and no others, with what each stands for, so that
/// text can be copied out and read aloud (ISO 32000-1, 9.7 and 9.10).
/// </summary>
internal sealed class PdfFont
{
    private const string Name = "TENETA+Inter-Regular";
    private readonly TrueTypeFont _font = TrueTypeFont.Inter;
    private readonly SortedDictionary<ushort, Rune> _drawn = [];

    /// <summary>Letters with their accents in one; what the font does not have becomes a replacement character.</summary>
    public static string Writable(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }
        return clean.ToString().NormalizedTo(NormalizationForm.FormC);
    }

    /// <summary>In points.</summary>
    public double Width(string text, double size) => text.EnumerateRunes().Sum(rune => _font.WidthOf(Glyph(rune))) * size / 1000;

    /// <summary>The numbers of the glyphs, in hexadecimal digits.</summary>
    public string Draw(string text)
    {
        var digits = new StringBuilder(text.Length * 4);
        foreach (var rune in text.EnumerateRunes())
        {
            var glyph = Glyph(rune);
            _drawn.TryAdd(glyph, _font.GlyphOf(rune) is null ? Rune.ReplacementChar : rune);
            digits.Append(glyph.ToString("X4", CultureInfo.InvariantCulture));
        }
        return digits.ToString();
    }

    public byte[] File() => _font.Subset(_drawn.Keys);

    /// <param name="descendant">The number of the object that <see cref="Descendant"/> is.</param>
    public static string Composite(int descendant, int toUnicode) =>
        $"<< /Type /Font /Subtype /Type0 /BaseFont /{Name} /Encoding /Identity-H /DescendantFonts [{descendant} 0 R] /ToUnicode {toUnicode} 0 R >>";

    public string Descendant(int descriptor)
    {
        var widths = string.Join(
            ' ',
            _drawn.Keys.Select(glyph => string.Create(CultureInfo.InvariantCulture, $"{glyph} [{_font.WidthOf(glyph)}]"))
        );
        return $"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{Name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            + $"/FontDescriptor {descriptor} 0 R /CIDToGIDMap /Identity /W [{widths}] >>";
    }

    public string Descriptor(int file) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"<< /Type /FontDescriptor /FontName /{Name} /Flags 4 /FontBBox [{string.Join(' ', _font.Box)}] /ItalicAngle 0 /Ascent {_font.Ascent} /Descent {_font.Descent} /CapHeight 727 /StemV 80 /FontFile2 {file} 0 R >>"
        );

    /// <summary>What each glyph stands for, a hundred to a block as the format asks.</summary>
    public string ToUnicode()
    {
        var text = new StringBuilder(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
                + "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        );
        foreach (var block in _drawn.Chunk(100))
        {
            text.Append(CultureInfo.InvariantCulture, $"{block.Length} beginbfchar\n");
            foreach (var (glyph, rune) in block)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"<{glyph:X4}> <{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(rune.ToString()))}>\n"
                );
            }
            text.Append("endbfchar\n");
        }
        return text.Append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n").ToString();
    }

    private ushort Glyph(Rune rune) => _font.GlyphOf(rune) ?? _font.GlyphOf(Rune.ReplacementChar) ?? 0;
}
