using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.Http;
using Tenet.Knowledge.Documents;

namespace Tenet.Knowledge.Crawling;

/// <summary>Decides what an answer means for the index and reads the text out of it.</summary>
internal sealed class PageReading(CrawlPlan plan, Frontier frontier, RepeatedBlocks repeated)
{
    readonly PageLinks links = new();

    public static bool CanRead(string? mediaType) =>
        mediaType is null or "text/html" or "application/xhtml+xml" or "text/plain" or "text/markdown";

    public PageResult Read(WaitingPage page, FetchedPage fetched) =>
        fetched.Status switch
        {
            304 when page.ContentHash is not null => new PageResult(page, PageStatus.Indexed, null, 304)
            {
                Etag = page.Etag,
                LastModified = page.LastModified,
                ContentHash = page.ContentHash,
            },
            >= 300 and < 400 => Redirected(page, fetched),
            404 or 410 => new PageResult(page, PageStatus.Gone, PageReason.NotFound, fetched.Status) { Passages = [] },
            // A passing fault of the site leaves the index as it is.
            >= 500 or 429 => new PageResult(page, PageStatus.Failed, PageReason.HttpError, fetched.Status),
            200 when !CanRead(fetched.MediaType) => Left(page, fetched, PageReason.Unsupported),
            200 => ReadText(page, fetched),
            _ => new PageResult(page, PageStatus.Failed, PageReason.HttpError, fetched.Status) { Passages = [] },
        };

    public bool CanSample(FetchedPage fetched) =>
        fetched.Status is 200 && fetched.MediaType is not ("text/plain" or "text/markdown") && CanRead(fetched.MediaType);

    /// <summary>The page as it is, before anything that repeats is left out.</summary>
    public Document Sample(FetchedPage fetched) => HtmlExtractor.Extract(PageText.Decode(fetched.Body, fetched.Charset)).Document;

    public IReadOnlyList<FoundPage> FindLinks(WaitingPage page, FetchedPage fetched) =>
        HtmlExtractor.ParseRobots(fetched.RobotsTag).NoFollow
            ? []
            : Links(page, HtmlExtractor.Extract(PageText.Decode(fetched.Body, fetched.Charset)));

    public static PageResult Failed(WaitingPage page, Exception e) =>
        new(
            page,
            PageStatus.Failed,
            e is EgressException refused ? PageReason.Of(refused.Failure)
                : e is HttpRequestException or IOException ? PageReason.Broken
                : PageReason.Unreadable,
            null
        );

    PageResult Redirected(WaitingPage page, FetchedPage fetched)
    {
        var target = fetched.Location is { } location ? CanonicalUrl.Of(location) : null;
        if (target is null || !plan.Includes(target))
            return Left(page, fetched, PageReason.RedirectedAway);
        var found = frontier.Meet([target], page.Depth, page.Redirects + 1);
        var endless = found.Exists(f => f.Reason is PageReason.TooManyRedirects) || target == page.Url;
        return Left(page, fetched, endless ? PageReason.TooManyRedirects : PageReason.Redirected) with { Found = found };
    }

    PageResult ReadText(WaitingPage page, FetchedPage fetched)
    {
        var text = PageText.Decode(fetched.Body, fetched.Charset);
        var (headerNoIndex, headerNoFollow) = HtmlExtractor.ParseRobots(fetched.RobotsTag);
        if (fetched.MediaType is "text/plain" or "text/markdown")
        {
            var name = Uri.UnescapeDataString(page.Url.Segments[^1]);
            var plain = fetched.MediaType is "text/markdown" ? UploadReader.ReadMarkdown(text, name) : UploadReader.ReadText(text, name);
            return headerNoIndex ? Left(page, fetched, PageReason.NoIndex) : Indexed(page, fetched, plain, []);
        }
        var html = HtmlExtractor.Extract(text);
        var found = headerNoFollow ? [] : Links(page, html);
        if (headerNoIndex || html.NoIndex)
            return Left(page, fetched, PageReason.NoIndex) with { Found = found };
        if (CanonicalUrl.Of(html.Base ?? page.Url, html.Canonical) is { } canonical && canonical != page.Url && plan.Includes(canonical))
            return Left(page, fetched, PageReason.Duplicate) with
            {
                Found = [.. found, .. frontier.Meet([canonical], page.Depth, page.Redirects + 1)],
            };
        return Indexed(page, fetched, html.Document, found);
    }

    PageResult Indexed(WaitingPage page, FetchedPage fetched, Document document, IReadOnlyList<FoundPage> found)
    {
        document = repeated.Without(document);
        var passages = Chunker.Cut(document);
        if (passages.Count == 0)
            return Left(page, fetched, PageReason.OnlyLinks) with { Found = found };
        var hash = Hash(document, passages);
        if (frontier.SameContent(hash, page.Url) is not null)
            return Left(page, fetched, PageReason.Duplicate) with { Found = found };
        return new PageResult(page, PageStatus.Indexed, null, fetched.Status)
        {
            Document = document,
            Passages = page.ContentHash is { } before && hash.AsSpan().SequenceEqual(before) ? null : passages,
            Found = found,
            Etag = fetched.Etag,
            LastModified = fetched.LastModified,
            ContentHash = hash,
            Bytes = fetched.Body.Length,
        };
    }

    static PageResult Left(WaitingPage page, FetchedPage fetched, string reason) =>
        new(page, PageStatus.Skipped, reason, fetched.Status) { Passages = [], Bytes = fetched.Body.Length };

    List<FoundPage> Links(WaitingPage page, HtmlPage html)
    {
        if (plan.Source.Kind is not SourceKind.Site)
            return [];
        var @base = html.Base ?? page.Url;
        return frontier.Meet(links.Of(@base, html.Links), page.Depth + 1, redirects: 0);
    }

    static byte[] Hash(Document document, List<TextChunk> passages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(document.Title));
        foreach (var passage in passages)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(passage.Heading + "\n" + passage.Anchor + "\n"));
            hash.AppendData(Encoding.UTF8.GetBytes(passage.Text));
        }
        return hash.GetHashAndReset();
    }
}
