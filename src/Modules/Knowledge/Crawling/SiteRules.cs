using Tenet.Kernel.Http;

namespace Tenet.Knowledge.Crawling;

/// <summary>Reads what a site says to robots before its first page: robots.txt and sitemaps.</summary>
internal sealed class SiteRules(Egress egress)
{
    const int MostSitemaps = 50;
    const int MostRedirects = 5;

    /// <summary>Null when the rules cannot be had now: then nothing may be read (RFC 9309, 2.3.1.4).</summary>
    public async Task<RobotsTxt?> ReadRobotsAsync(Uri site, CancellationToken ct)
    {
        // The size is bounded by how much is read: a larger file is cut off, not refused.
        var client = egress.Client(PageFetch.Policy(long.MaxValue, 20, MostRedirects));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(site, "/robots.txt"));
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if ((int)response.StatusCode >= 500)
                return null;
            if (!response.IsSuccessStatusCode)
                return RobotsTxt.AllowAll;
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            var content = new byte[RobotsTxt.MostBytes];
            var length = await body.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, ct);
            return RobotsTxt.Parse(content.AsSpan(0, length), CrawlPlan.Product);
        }
        catch (EgressException e) when (e.Failure is EgressFailure.TooManyRedirects)
        {
            return RobotsTxt.AllowAll;
        }
        catch (Exception e)
            when (e
                    is HttpRequestException
                        or IOException
                        or EgressException { Failure: EgressFailure.TooSlow or EgressFailure.Unreachable }
            )
        {
            return null;
        }
    }

    /// <summary>All addresses of the site's sitemaps; what cannot be read is left out.</summary>
    public async Task<IReadOnlyList<Uri>> ReadSitemapsAsync(Uri site, RobotsTxt robots, int most, CancellationToken ct)
    {
        var pages = new List<Uri>();
        var waiting = new Queue<Uri>(
            robots.Sitemaps.Select(s => CanonicalUrl.Of(site, s)).OfType<Uri>().Append(new Uri(site, "/sitemap.xml")).Distinct()
        );
        var read = new HashSet<Uri>();
        while (waiting.TryDequeue(out var url) && read.Count < MostSitemaps && pages.Count < most)
        {
            if (!read.Add(url) || await ReadAsync(url, ct) is not { } sitemap)
                continue;
            pages.AddRange(sitemap.Pages.Take(most - pages.Count).Select(p => CanonicalUrl.Of(url, p)).OfType<Uri>());
            foreach (var nested in sitemap.Sitemaps.Take(MostSitemaps))
            {
                if (CanonicalUrl.Of(url, nested) is { } address)
                    waiting.Enqueue(address);
            }
        }
        return pages;
    }

    async Task<Sitemap?> ReadAsync(Uri url, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var response = await egress
                .Client(PageFetch.Policy(Sitemap.MostBytes, 30, MostRedirects))
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!response.IsSuccessStatusCode)
                return null;
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            return await Sitemap.ReadAsync(body, ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or EgressException)
        {
            return null;
        }
    }
}
