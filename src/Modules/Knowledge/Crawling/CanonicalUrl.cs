using System.Collections.Frozen;

namespace Tenet.Knowledge.Crawling;

/// <summary>One spelling per address, so that a page is fetched once: no fragment, no tracking parameters, no default port, resolved dots.</summary>
internal static class CanonicalUrl
{
    public const int Longest = 1_500;
    const int DeepestPath = 40;
    const int MostOfOneFolder = 4;

    static readonly FrozenSet<string> Tracking = new[]
    {
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "msclkid",
        "yclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "_ga",
        "_gl",
        "ref_src",
        "phpsessid",
        "jsessionid",
        "sid",
        "sessionid",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Null when the address cannot be a page: another scheme, credentials in it, too long, a trap of ever deeper folders.</summary>
    public static Uri? Of(Uri @base, string? reference)
    {
        if (string.IsNullOrWhiteSpace(reference) || reference.Length > Longest * 2 || !Uri.TryCreate(@base, reference.Trim(), out var url))
            return null;
        return Of(url);
    }

    public static Uri? Of(Uri url)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Host.Length == 0)
            return null;
        var path = url.AbsolutePath;
        var session = path.IndexOf(";jsessionid=", StringComparison.OrdinalIgnoreCase);
        if (session >= 0)
            path = path[..session];
        if (LooksLikeTrap(path))
            return null;
        var port = url.IsDefaultPort ? "" : ":" + url.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var host = url.HostNameType is UriHostNameType.IPv6 ? url.Host : url.IdnHost.TrimEnd('.');
        var text = $"{url.Scheme}://{host.ToLowerInvariant()}{port}{(path.Length == 0 ? "/" : path)}{Query(url.Query)}";
        return text.Length <= Longest && Uri.TryCreate(text, UriKind.Absolute, out var canonical) ? canonical : null;
    }

    /// <summary>Whether a page belongs to the site that starts at <paramref name="start"/>: same host but for "www.", same port, below its folder.</summary>
    public static bool IsWithin(Uri start, Uri page)
    {
        if (start.Port != page.Port && !(start.IsDefaultPort && page.IsDefaultPort))
            return false;
        if (!WithoutWww(start.IdnHost).Equals(WithoutWww(page.IdnHost), StringComparison.OrdinalIgnoreCase))
            return false;
        var folder = start.AbsolutePath[..(start.AbsolutePath.LastIndexOf('/') + 1)];
        return page.AbsolutePath.StartsWith(folder, StringComparison.Ordinal);
    }

    static ReadOnlySpan<char> WithoutWww(string host) =>
        host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? host.AsSpan(4) : host.AsSpan();

    static string Query(string query)
    {
        if (query.Length <= 1)
            return "";
        var kept = query[1..].Split('&').Where(p => p.Length > 0 && !IsTracking(p)).ToArray();
        return kept.Length == 0 ? "" : "?" + string.Join('&', kept);
    }

    static bool IsTracking(string parameter)
    {
        var name = parameter.AsSpan();
        var equals = name.IndexOf('=');
        if (equals >= 0)
            name = name[..equals];
        return name.StartsWith("utm_", StringComparison.OrdinalIgnoreCase)
            || Tracking.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name);
    }

    /// <summary>The same folder four times, or dozens of folders: relative links that lead ever deeper.</summary>
    static bool LooksLikeTrap(string path)
    {
        if (path.AsSpan().Count('/') < MostOfOneFolder)
            return false;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > DeepestPath || parts.CountBy(p => p, StringComparer.Ordinal).Any(p => p.Value >= MostOfOneFolder);
    }
}
