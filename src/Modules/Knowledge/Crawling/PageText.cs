using System.Text;

namespace Tenet.Knowledge.Crawling;

/// <summary>Bytes to text: byte order mark, then the answer's charset, then what the page says of itself, else UTF-8.</summary>
internal static class PageText
{
    const int Prescan = 1024;

    static PageText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static string Decode(ReadOnlySpan<byte> body, string? charset)
    {
        if (body.StartsWith("\uFEFF"u8))
            return Encoding.UTF8.GetString(body[3..]);
        if (body.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return Encoding.Unicode.GetString(body[2..]);
        if (body.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return Encoding.BigEndianUnicode.GetString(body[2..]);
        return (Named(charset) ?? Named(Declared(body)) ?? Encoding.UTF8).GetString(body);
    }

    static Encoding? Named(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return null;
        try
        {
            // As browsers do, Latin-1 is read as the Windows page that contains it.
            return name.Trim().ToLowerInvariant() is "iso-8859-1" or "latin1" or "us-ascii"
                ? Encoding.GetEncoding(1252)
                : Encoding.GetEncoding(name.Trim());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    static string? Declared(ReadOnlySpan<byte> body)
    {
        var start = Encoding.ASCII.GetString(body[..Math.Min(body.Length, Prescan)]);
        var at = start.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var value = start.AsSpan(at + 8).TrimStart("\"' ");
        var end = value.IndexOfAny("\"'>; /\n");
        return end < 0 ? null : value[..end].ToString();
    }
}
