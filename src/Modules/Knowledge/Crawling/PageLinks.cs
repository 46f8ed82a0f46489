using System.Collections.Concurrent;

namespace Tenet.Knowledge.Crawling;

/// <summary>
/// The addresses that a crawl's pages link to. The pages of a site repeat each other's links, so each way of writing one is read once.
/// </summary>
internal sealed class PageLinks
{
    /// <summary>Bounds the memory of a site that never repeats itself.</summary>
    const int MostKnown = 50_000;

    readonly ConcurrentDictionary<(string Folder, string Reference), Uri?> known = new();
    int count;

    /// <param name="base">What references are relative to.</param>
    /// <param name="references">As they stand on the page, without fragments.</param>
    /// <returns>Their canonical addresses, without those that cannot be a page.</returns>
    public List<Uri> Of(Uri @base, IEnumerable<string> references)
    {
        var path = @base.GetLeftPart(UriPartial.Path);
        var folder = path[..(path.LastIndexOf('/') + 1)];
        var links = new List<Uri>();
        foreach (var reference in references)
        {
            if (Find(@base, folder, reference) is { } link)
                links.Add(link);
        }
        return links;
    }

    Uri? Find(Uri @base, string folder, string reference)
    {
        // "?page=2" alone is relative to the page and not to its folder.
        if (reference.AsSpan().TrimStart() is ['?', ..])
            return CanonicalUrl.Of(@base, reference);
        if (known.TryGetValue((folder, reference), out var link))
            return link;
        link = CanonicalUrl.Of(@base, reference);
        if (count < MostKnown && known.TryAdd((folder, reference), link))
            Interlocked.Increment(ref count);
        return link;
    }
}
