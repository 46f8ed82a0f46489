using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Tenet.Privacy.Documents;

/// <summary>
/// A plain document as PDF 1.4 (ISO 32000-1): headings, paragraphs, lines of a definition, on A4. The glyphs that are drawn are embedded, so
/// that names look as they are written, Vietnamese ones too. The same content gives the same bytes.
/// </summary>
internal sealed class PdfDocument
{
    private const double PageWidth = 595;
    private const double PageHeight = 842;
    private const double Margin = 56;
    private const double TermWidth = 130;

    private readonly PdfFont _font = new();
    private readonly List<StringBuilder> _pages = [];
    private double _y;

    public PdfDocument Heading(string text, int level = 2)
    {
        var size = level == 1 ? 18 : 12;
        Space(level == 1 ? 0 : 12, size * 3);
        Wrap(text, size, isBold: true, Margin);
        _y -= 4;
        return this;
    }

    public PdfDocument Paragraph(string text)
    {
        Wrap(text, 10, isBold: false, Margin);
        _y -= 4;
        return this;
    }

    public PdfDocument Line(string term, string text)
    {
        Space(0, 14);
        var top = _y;
        Wrap(term, 9, isBold: true, Margin, TermWidth - 8);
        var (after, page) = (_y, _pages.Count);
        _y = top;
        Wrap(text, 9, isBold: false, Margin + TermWidth);
        _y = page == _pages.Count ? Math.Min(_y, after) : _y;
        return this;
    }

    public byte[] Write(string title)
    {
        var output = new MemoryStream();
        var offsets = new List<long>();
        void Add(string text) => output.Write(Encoding.Latin1.GetBytes(text));
        void Begin()
        {
            offsets.Add(output.Length);
            Add($"{offsets.Count} 0 obj\n");
        }
        void Stream(byte[] content, string more)
        {
            Begin();
            var packed = Compressed(content);
            Add($"<< /Length {packed.Length} /Filter /FlateDecode{more} >>\nstream\n");
            output.Write(packed);
            Add("\nendstream\nendobj\n");
        }
        Add("%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n");
        // 1 catalogue, 2 pages, 3 to 7 the font, 8 information, then a page and its content in turn.
        Begin();
        Add("<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /DisplayDocTitle true >> >>\nendobj\n");
        Begin();
        var kids = string.Join(' ', _pages.Select((_, n) => string.Create(CultureInfo.InvariantCulture, $"{9 + (2 * n)} 0 R")));
        Add($"<< /Type /Pages /Count {_pages.Count} /Kids [{kids}] >>\nendobj\n");
        foreach (var part in new[] { PdfFont.Composite(4, 7), _font.Descendant(5), _font.Descriptor(6) })
        {
            Begin();
            Add(part + "\nendobj\n");
        }
        var file = _font.File();
        Stream(file, $" /Length1 {file.Length}");
        Stream(Encoding.ASCII.GetBytes(_font.ToUnicode()), "");
        Begin();
        Add(
            $"<< /Title <FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(PdfFont.Writable(title)))}> /Producer (Tenet) >>\nendobj\n"
        );
        foreach (var page in _pages)
        {
            Begin();
            Add(
                $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PageWidth:0} {PageHeight:0}] /Resources << /Font << /F0 3 0 R >> >> /Contents {offsets.Count + 1} 0 R >>\nendobj\n"
            );
            Stream(Encoding.ASCII.GetBytes(page.ToString()), "");
        }
        var xref = output.Length;
        Add($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            Add(offset.ToString("D10", CultureInfo.InvariantCulture) + " 00000 n \n");
        }
        Add($"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R /Info 8 0 R >>\nstartxref\n{xref}\n%%EOF\n");
        return output.ToArray();
    }

    private static byte[] Compressed(byte[] content)
    {
        var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(content);
        }
        return packed.ToArray();
    }

    private void Space(double above, double needed)
    {
        _y -= above;
        if (_pages.Count == 0 || _y - needed < Margin)
        {
            _pages.Add(new StringBuilder());
            _y = PageHeight - Margin;
        }
    }

    private void Wrap(string text, double size, bool isBold, double left, double? width = null)
    {
        var room = width ?? PageWidth - Margin - left;
        foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n').Select(PdfFont.Writable))
        {
            var line = "";
            foreach (var word in paragraph.Split(' ').SelectMany(word => Pieces(word, size, room)))
            {
                var longer = line.Length == 0 ? word : line + " " + word;
                if (_font.Width(longer, size) > room)
                {
                    Draw(line, size, isBold, left);
                    line = word;
                }
                else
                {
                    line = longer;
                }
            }
            Draw(line, size, isBold, left);
        }
    }

    /// <summary>A word that is wider than the column, such as a hash, in pieces that are not.</summary>
    private IEnumerable<string> Pieces(string word, double size, double room)
    {
        var most = Math.Max(1, (int)(room / (size * 0.7)));
        return _font.Width(word, size) <= room ? [word] : word.EnumerateRunes().Chunk(most).Select(piece => string.Concat(piece));
    }

    private void Draw(string line, double size, bool isBold, double left)
    {
        Space(0, size * 1.4);
        _y -= size * 1.4;
        // There is one weight: bold is drawn with its outline.
        var weight = isBold ? string.Create(CultureInfo.InvariantCulture, $"2 Tr {size * 0.035:0.###} w") : "0 Tr";
        _pages[^1]
            .Append(CultureInfo.InvariantCulture, $"BT /F0 {size:0.#} Tf {weight} {left:0.##} {_y:0.##} Td <{_font.Draw(line)}> Tj ET\n");
    }
}
