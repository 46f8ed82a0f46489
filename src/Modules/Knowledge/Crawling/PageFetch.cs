using System.Net;
using System.Net.Http.Headers;
using Tenet.Kernel.Http;

namespace Tenet.Knowledge.Crawling;

/// <summary>An answer as it came.</summary>
internal sealed record FetchedPage(
    int Status,
    string? MediaType,
    string? Charset,
    byte[] Body,
    Uri? Location,
    string? RobotsTag,
    string? Etag,
    string? LastModified
);

/// <summary>Fetches pages of one crawl within its limits. Redirects are not followed: their targets are pages of their own.</summary>
internal sealed class PageFetch(Egress egress, Source source)
{
    static readonly MediaTypeWithQualityHeaderValue[] Accepted =
    [
        new("text/html"),
        new("application/xhtml+xml"),
        new("text/plain", 0.5),
        new("text/markdown", 0.5),
        new("*/*", 0.1),
    ];

    readonly HttpClient client = egress.Client(Policy(source.MaxBytes, source.PageSeconds, redirects: 0));

    public static EgressPolicy Policy(long maxBytes, int seconds, int redirects) =>
        new("knowledge")
        {
            IsRecipient = false,
            MaxBytes = maxBytes,
            TotalTime = TimeSpan.FromSeconds(seconds),
            IdleTime = TimeSpan.FromSeconds(Math.Min(seconds, 10)),
            MaxRedirects = redirects,
            UserAgent = CrawlPlan.Product + "/1.0",
        };

    /// <exception cref="EgressException">Refused, unreachable or beyond a limit.</exception>
    public async Task<FetchedPage> GetAsync(WaitingPage page, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, page.Url);
        foreach (var type in Accepted)
            request.Headers.Accept.Add(type);
        if (page.ContentHash is not null)
        {
            if (page.Etag is not null)
                request.Headers.TryAddWithoutValidation("If-None-Match", page.Etag);
            if (page.LastModified is not null)
                request.Headers.TryAddWithoutValidation("If-Modified-Since", page.LastModified);
        }
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        var headers = response.Content.Headers;
        var body = IsWanted(response) ? await response.Content.ReadAsByteArrayAsync(ct) : [];
        return new FetchedPage(
            (int)response.StatusCode,
            headers.ContentType?.MediaType,
            headers.ContentType?.CharSet?.Trim('"'),
            body,
            response.Headers.Location is { } location ? new Uri(page.Url, location) : null,
            response.Headers.TryGetValues("X-Robots-Tag", out var tags) ? string.Join(',', tags) : null,
            Shortened(response.Headers.ETag?.ToString()),
            Shortened(headers.TryGetValues("Last-Modified", out var modified) ? modified.FirstOrDefault() : null)
        );
    }

    static bool IsWanted(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.OK && PageReading.CanRead(response.Content.Headers.ContentType?.MediaType);

    static string? Shortened(string? header) => header is { Length: <= 300 } ? header : null;
}
