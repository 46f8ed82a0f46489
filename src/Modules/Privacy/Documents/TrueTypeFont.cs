using System.Buffers.Binary;
using System.Text;

namespace Tenet.Privacy.Documents;

/// <summary>
/// A TrueType font (ISO/IEC 14496-22) as far as a document needs it: which glyph stands for a character, how wide it is, and a copy of the file
/// with the outlines of some glyphs only, as it is embedded.
/// </summary>
internal sealed class TrueTypeFont
{
    private static readonly Lazy<TrueTypeFont> Ours = new(ReadOurs);

    // What a reader of the document needs of the file. The program in prep and its values shape the outlines.
    private static readonly string[] Kept = ["cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"];

    private readonly byte[] _file;
    private readonly Dictionary<string, (int Offset, int Length)> _tables;
    private readonly Dictionary<int, ushort> _glyphs;
    private readonly int _metrics;

    private TrueTypeFont(byte[] file)
    {
        _file = file;
        _tables = Enumerable
            .Range(0, U16(4))
            .Select(n => 12 + (16 * n))
            .ToDictionary(at => Encoding.ASCII.GetString(file, at, 4), at => (U32(at + 8), U32(at + 12)), StringComparer.Ordinal);
        UnitsPerEm = U16(At("head") + 18);
        GlyphCount = U16(At("maxp") + 4);
        _metrics = U16(At("hhea") + 34);
        _glyphs = ReadGlyphs();
    }

    /// <summary>Inter Regular (SIL Open Font License 1.1): Latin with Vietnamese, Greek, Cyrillic.</summary>
    public static TrueTypeFont Inter => Ours.Value;

    public int UnitsPerEm { get; }

    public int GlyphCount { get; }

    /// <summary>Left, bottom, right and top of all glyphs, in thousandths of the size.</summary>
    public IReadOnlyList<int> Box => [.. new[] { 36, 38, 40, 42 }.Select(at => Thousandths(I16(At("head") + at)))];

    public int Ascent => Thousandths(I16(At("hhea") + 4));

    public int Descent => Thousandths(I16(At("hhea") + 6));

    /// <returns>Null for a character that the font does not have.</returns>
    public ushort? GlyphOf(Rune character) => _glyphs.TryGetValue(character.Value, out var glyph) ? glyph : null;

    /// <summary>In thousandths of the size.</summary>
    public int WidthOf(ushort glyph) => Thousandths(U16(At("hmtx") + (4 * Math.Min(glyph, _metrics - 1))));

    /// <summary>The file with the outlines of these glyphs, and of those that they are made of; the numbers of glyphs stay.</summary>
    public byte[] Subset(IEnumerable<ushort> used)
    {
        var kept = new HashSet<ushort> { 0 };
        var waiting = new Queue<ushort>(used);
        while (waiting.TryDequeue(out var glyph))
        {
            if (kept.Add(glyph))
            {
                foreach (var part in PartsOf(glyph))
                {
                    waiting.Enqueue(part);
                }
            }
        }
        var outlines = new MemoryStream();
        var places = new byte[4 * (GlyphCount + 1)];
        for (var glyph = 0; glyph <= GlyphCount; glyph++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(places.AsSpan(4 * glyph), (uint)outlines.Length);
            if (glyph < GlyphCount && kept.Contains((ushort)glyph))
            {
                outlines.Write(Outline(glyph));
            }
        }
        return Write(
            Kept.Where(_tables.ContainsKey)
                .Select(name =>
                    (
                        name,
                        name switch
                        {
                            "glyf" => outlines.ToArray(),
                            "loca" => places,
                            _ => _file[_tables[name].Offset..(_tables[name].Offset + _tables[name].Length)],
                        }
                    )
                )
                .ToList()
        );
    }

    private static byte[] Write(List<(string Name, byte[] Bytes)> tables)
    {
        var file = new MemoryStream();
        var head = new byte[12 + (16 * tables.Count)];
        BinaryPrimitives.WriteUInt32BigEndian(head, 0x00010000);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(4), (ushort)tables.Count);
        var power = (int)Math.Log2(tables.Count);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(6), (ushort)(16 << power));
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(8), (ushort)power);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(10), (ushort)((16 * tables.Count) - (16 << power)));
        var offset = head.Length;
        for (var n = 0; n < tables.Count; n++)
        {
            var entry = head.AsSpan(12 + (16 * n), 16);
            Encoding.ASCII.GetBytes(tables[n].Name, entry);
            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], Checksum(tables[n].Bytes));
            BinaryPrimitives.WriteUInt32BigEndian(entry[8..], (uint)offset);
            BinaryPrimitives.WriteUInt32BigEndian(entry[12..], (uint)tables[n].Bytes.Length);
            offset += Padded(tables[n].Bytes.Length);
        }
        file.Write(head);
        foreach (var (_, bytes) in tables)
        {
            file.Write(bytes);
            file.Write(new byte[Padded(bytes.Length) - bytes.Length]);
        }
        return file.ToArray();
    }

    private static uint Checksum(byte[] bytes)
    {
        var padded = new byte[Padded(bytes.Length)];
        bytes.CopyTo(padded, 0);
        var sum = 0u;
        for (var at = 0; at < padded.Length; at += 4)
        {
            sum = unchecked(sum + BinaryPrimitives.ReadUInt32BigEndian(padded.AsSpan(at)));
        }
        return sum;
    }

    private static int Padded(int length) => (length + 3) & ~3;

    private ReadOnlySpan<byte> Outline(int glyph)
    {
        var isLong = I16(At("head") + 50) == 1;
        var (from, to) = isLong
            ? (U32(At("loca") + (4 * glyph)), U32(At("loca") + (4 * glyph) + 4))
            : (2 * U16(At("loca") + (2 * glyph)), 2 * U16(At("loca") + (2 * glyph) + 2));
        return _file.AsSpan(At("glyf") + from, to - from);
    }

    /// <summary>A letter with an accent may be the letter and the accent, drawn together.</summary>
    private List<ushort> PartsOf(ushort glyph)
    {
        const int Words = 0x1;
        const int Scale = 0x8;
        const int More = 0x20;
        const int TwoScales = 0x40;
        const int Matrix = 0x80;
        var parts = new List<ushort>();
        var outline = Outline(glyph);
        if (outline.Length == 0 || BinaryPrimitives.ReadInt16BigEndian(outline) >= 0)
        {
            return parts;
        }
        var (at, flags) = (10, More);
        while ((flags & More) != 0)
        {
            flags = BinaryPrimitives.ReadUInt16BigEndian(outline[at..]);
            parts.Add(BinaryPrimitives.ReadUInt16BigEndian(outline[(at + 2)..]));
            at += 4 + ((flags & Words) != 0 ? 4 : 2);
            at +=
                (flags & Scale) != 0 ? 2
                : (flags & TwoScales) != 0 ? 4
                : (flags & Matrix) != 0 ? 8
                : 0;
        }
        return parts;
    }

    /// <summary>The table of format 12: ranges of characters, each with the glyph of its first.</summary>
    private Dictionary<int, ushort> ReadGlyphs()
    {
        var cmap = At("cmap");
        var table =
            cmap + Enumerable.Range(0, U16(cmap + 2)).Select(n => U32(cmap + 8 + (8 * n))).First(offset => U16(cmap + offset) == 12);
        var glyphs = new Dictionary<int, ushort>();
        for (var n = 0; n < U32(table + 12); n++)
        {
            var group = table + 16 + (12 * n);
            var (first, last, glyph) = (U32(group), U32(group + 4), U32(group + 8));
            for (var character = first; character <= last; character++)
            {
                glyphs[character] = (ushort)(glyph + character - first);
            }
        }
        return glyphs;
    }

    private static TrueTypeFont ReadOurs()
    {
        using var stream = typeof(TrueTypeFont).Assembly.GetManifestResourceStream("Tenet.Privacy.Documents.Inter-Regular.ttf")!;
        var file = new MemoryStream();
        stream.CopyTo(file);
        return new TrueTypeFont(file.ToArray());
    }

    private int Thousandths(int units) => (int)Math.Round(units * 1000.0 / UnitsPerEm);

    private int At(string table) => _tables[table].Offset;

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(_file.AsSpan(at));

    private short I16(int at) => BinaryPrimitives.ReadInt16BigEndian(_file.AsSpan(at));

    private int U32(int at) => checked((int)BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at)));
}
