using System.IO.Compression;
using System.Xml;

namespace Tenet.Knowledge.Crawling;

/// <summary>Addresses out of a sitemap or a sitemap index (sitemaps.org), plain or gzipped, read as a stream and within limits.</summary>
/// <param name="IsTruncated">A limit was reached or the file ends in the middle: what was read until then counts.</param>
internal sealed record Sitemap(IReadOnlyList<string> Pages, IReadOnlyList<string> Sitemaps, bool IsTruncated)
{
    public const int MostAddresses = 50_000;

    /// <summary>The protocol's own limit, after decompression.</summary>
    public const long MostBytes = 50_000_000;

    const int LongestAddress = 2_048;

    public static async Task<Sitemap> ReadAsync(Stream content, CancellationToken ct)
    {
        var pages = new List<string>();
        var sitemaps = new List<string>();
        await using var plain = await UnzippedAsync(content, ct);
        await using var bounded = new BoundedStream(plain, MostBytes);
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        try
        {
            using var xml = XmlReader.Create(bounded, settings);
            var parent = "";
            while (await xml.ReadAsync())
            {
                ct.ThrowIfCancellationRequested();
                if (xml.NodeType != XmlNodeType.Element || xml.Depth > 8)
                    continue;
                if (xml.LocalName is "url" or "sitemap")
                    parent = xml.LocalName;
                else if (xml.LocalName is "loc" && xml.Depth == 2)
                    await AddAsync(xml, parent is "sitemap" ? sitemaps : pages);
                if (pages.Count + sitemaps.Count >= MostAddresses)
                    return new Sitemap(pages, sitemaps, IsTruncated: true);
            }
            return new Sitemap(pages, sitemaps, IsTruncated: false);
        }
        catch (Exception e) when (e is XmlException or InvalidDataException or SitemapTooLargeException)
        {
            return new Sitemap(pages, sitemaps, IsTruncated: true);
        }
    }

    /// <summary>The text of an element, in pieces: one without end must not fill the memory.</summary>
    static async Task AddAsync(XmlReader xml, List<string> addresses)
    {
        if (xml.IsEmptyElement || !await xml.ReadAsync() || xml.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA))
            return;
        var buffer = new char[LongestAddress + 1];
        var length = 0;
        int read;
        while (length < buffer.Length && (read = await xml.ReadValueChunkAsync(buffer, length, buffer.Length - length)) > 0)
            length += read;
        if (length <= LongestAddress && new string(buffer, 0, length).Trim() is { Length: > 0 } address)
            addresses.Add(address);
    }

    static async Task<Stream> UnzippedAsync(Stream content, CancellationToken ct)
    {
        var start = new byte[2];
        var length = await content.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, ct);
        var whole = new PrefixedStream(start.AsMemory(0, length), content);
        return length == 2 && start is [0x1f, 0x8b] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }
}
