using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Tenet.Privacy.Documents;

/// <summary>
/// A plain document as PDF 1.4 (ISO 32000-1): headings, paragraphs, lines of a definition, on A4. Uses the fonts that every reader brings
/// (Helvetica), so nothing is embedded; what Windows-1252 cannot write becomes a question mark. The same content gives the same bytes.
/// </summary>
internal sealed class PdfDocument
{
    private const double PageWidth = 595;
    private const double PageHeight = 842;
    private const double Margin = 56;
    private const double TermWidth = 130;

    // Widths of Helvetica for the characters 32 to 126, in thousandths of the size.
    private static readonly int[] Widths =
    [
        278,
        278,
        355,
        556,
        556,
        889,
        667,
        191,
        333,
        333,
        389,
        584,
        278,
        333,
        278,
        278,
        556,
        556,
        556,
        556,
        556,
        556,
        556,
        556,
        556,
        556,
        278,
        278,
        584,
        584,
        584,
        556,
        1015,
        667,
        667,
        722,
        722,
        667,
        611,
        778,
        722,
        278,
        500,
        667,
        556,
        833,
        722,
        778,
        667,
        778,
        722,
        667,
        611,
        722,
        667,
        944,
        667,
        667,
        611,
        278,
        278,
        278,
        469,
        556,
        333,
        556,
        556,
        500,
        556,
        556,
        278,
        556,
        556,
        222,
        222,
        500,
        222,
        833,
        556,
        556,
        556,
        556,
        333,
        500,
        278,
        556,
        500,
        722,
        500,
        500,
        500,
        334,
        260,
        334,
        584,
    ];

    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

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
        void Add(string text) => output.Write(Windows1252.GetBytes(text));
        void Begin()
        {
            offsets.Add(output.Length);
            Add($"{offsets.Count} 0 obj\n");
        }
        Add("%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n");
        // 1 catalogue, 2 pages, 3 and 4 fonts, 5 information, then a page and its content in turn.
        Begin();
        Add("<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /DisplayDocTitle true >> >>\nendobj\n");
        Begin();
        var kids = string.Join(' ', _pages.Select((_, n) => string.Create(CultureInfo.InvariantCulture, $"{6 + (2 * n)} 0 R")));
        Add($"<< /Type /Pages /Count {_pages.Count} /Kids [{kids}] >>\nendobj\n");
        foreach (var font in new[] { "Helvetica", "Helvetica-Bold" })
        {
            Begin();
            Add($"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>\nendobj\n");
        }
        Begin();
        Add($"<< /Title ({Escape(title)}) /Producer (Tenet) >>\nendobj\n");
        foreach (var page in _pages)
        {
            Begin();
            Add(
                $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PageWidth:0} {PageHeight:0}] /Resources << /Font << /F0 3 0 R /F1 4 0 R >> >> /Contents {offsets.Count + 1} 0 R >>\nendobj\n"
            );
            var content = Compressed(page.ToString());
            Begin();
            Add($"<< /Length {content.Length} /Filter /FlateDecode >>\nstream\n");
            output.Write(content);
            Add("\nendstream\nendobj\n");
        }
        var xref = output.Length;
        Add($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            Add(offset.ToString("D10", CultureInfo.InvariantCulture) + " 00000 n \n");
        }
        Add($"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{xref}\n%%EOF\n");
        return output.ToArray();
    }

    private static byte[] Compressed(string text)
    {
        var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(Windows1252.GetBytes(text));
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
        foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' ').SelectMany(word => Pieces(word, size, room)))
            {
                var longer = line.Length == 0 ? word : line + " " + word;
                if (Width(longer, size) > room)
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
    private static IEnumerable<string> Pieces(string word, double size, double room)
    {
        var most = Math.Max(1, (int)(room / (size * 0.7)));
        return Width(word, size) <= room ? [word] : word.Chunk(most).Select(piece => new string(piece));
    }

    private void Draw(string line, double size, bool isBold, double left)
    {
        Space(0, size * 1.4);
        _y -= size * 1.4;
        _pages[^1]
            .Append(
                CultureInfo.InvariantCulture,
                $"BT /F{(isBold ? 1 : 0)} {size:0.#} Tf {left:0.##} {_y:0.##} Td ({Escape(line)}) Tj ET\n"
            );
    }

    private static double Width(string text, double size) => text.Sum(c => c is >= ' ' and <= '~' ? Widths[c - ' '] : 600) * size / 1000;

    private static string Escape(string text) =>
        new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)])
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("(", "\\(", StringComparison.Ordinal)
            .Replace(")", "\\)", StringComparison.Ordinal);
}
