using System.Threading.Channels;

namespace Tenet.Knowledge.Crawling;

/// <summary>The pages of a crawl that wait, breadth first, and every address it has met. Ends by itself when nothing waits and nothing is being fetched.</summary>
internal sealed class Frontier(CrawlPlan plan, RobotsTxt robots)
{
    const int MostRedirects = 10;

    readonly Channel<WaitingPage> waiting = Channel.CreateUnbounded<WaitingPage>();
    readonly HashSet<string> met = new(StringComparer.Ordinal);
    readonly Dictionary<long, Uri> contents = [];
    readonly Lock adding = new();
    int open;
    int accepted;

    public IAsyncEnumerable<WaitingPage> TakeAsync(CancellationToken ct) => waiting.Reader.ReadAllAsync(ct);

    /// <summary>Puts back what an earlier run of this crawl or an earlier crawl knows.</summary>
    public void Restore(IEnumerable<WaitingPage> pages, IEnumerable<string> known)
    {
        lock (adding)
        {
            met.UnionWith(known);
            accepted = met.Count;
            foreach (var page in pages)
            {
                met.Add(page.Url.AbsoluteUri);
                open++;
                waiting.Writer.TryWrite(page);
            }
            accepted = Math.Max(accepted, met.Count);
        }
    }

    /// <summary>New addresses among the links, each with the reason if it will not be fetched. They are queued by <see cref="Queue"/>, once recorded.</summary>
    public List<FoundPage> Meet(IEnumerable<Uri> links, int depth, int redirects)
    {
        var found = new List<FoundPage>();
        lock (adding)
        {
            foreach (var url in links)
            {
                if (accepted >= plan.Source.MaxPages || met.Contains(url.AbsoluteUri) || !plan.Includes(url) || IsAsset(url))
                    continue;
                met.Add(url.AbsoluteUri);
                accepted++;
                var reason =
                    !robots.Allows(url.PathAndQuery) ? PageReason.Robots
                    : depth > plan.Source.MaxDepth ? PageReason.TooDeep
                    : redirects > MostRedirects ? PageReason.TooManyRedirects
                    : null;
                found.Add(new FoundPage(Guid.CreateVersion7(), url, depth, redirects, reason));
            }
        }
        return found;
    }

    public void Queue(IEnumerable<FoundPage> found)
    {
        lock (adding)
        {
            foreach (var page in found.Where(p => p.Reason is null))
            {
                open++;
                waiting.Writer.TryWrite(new WaitingPage(page.Id, page.Url, page.Depth, page.Redirects));
            }
        }
    }

    /// <summary>Another page of this crawl that has the same text.</summary>
    public Uri? SameContent(byte[] hash, Uri url)
    {
        var key = BitConverter.ToInt64(hash);
        lock (adding)
            return contents.TryAdd(key, url) || contents[key] == url ? null : contents[key];
    }

    /// <summary>A taken page is done and what it found is queued.</summary>
    public void Done()
    {
        lock (adding)
        {
            if (--open == 0)
                waiting.Writer.TryComplete();
        }
    }

    public void EndIfEmpty()
    {
        lock (adding)
        {
            if (open == 0)
                waiting.Writer.TryComplete();
        }
    }

    /// <summary>Pictures, styles and the like are no pages; they are passed over without a record.</summary>
    static bool IsAsset(Uri url) =>
        Path.GetExtension(url.AbsolutePath).ToLowerInvariant()
            is ".css"
                or ".js"
                or ".mjs"
                or ".map"
                or ".json"
                or ".png"
                or ".jpg"
                or ".jpeg"
                or ".gif"
                or ".svg"
                or ".webp"
                or ".avif"
                or ".ico"
                or ".bmp"
                or ".mp3"
                or ".mp4"
                or ".webm"
                or ".ogg"
                or ".wav"
                or ".woff"
                or ".woff2"
                or ".ttf"
                or ".eot"
                or ".zip"
                or ".gz"
                or ".tar"
                or ".exe"
                or ".dmg"
                or ".apk"
                or ".iso"
                or ".xml"
                or ".rss"
                or ".atom";
}
