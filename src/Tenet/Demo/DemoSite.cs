using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Tenet.Kernel.Http.Arrival;
using Tenet.Kernel.Http.Limits;

namespace Tenet.Demo;

/// <summary>
/// The shop at <c>/demo</c>: an ordinary website with the widget on every page, a sitemap and a robots.txt, for the crawler to read
/// and for people to try Tenet on.
/// </summary>
internal sealed class DemoSite
{
    private const string Prefix = "/demo";
    private readonly Dictionary<string, DemoPage> _pages;
    private readonly Dictionary<string, (byte[] Content, string Type)> _files;

    private DemoSite(Dictionary<string, DemoPage> pages, Dictionary<string, (byte[], string)> files) => (_pages, _files) = (pages, files);

    /// <summary>The public key of the demo workspace's widget; without one the pages stand alone.</summary>
    public string? WidgetKey { get; set; }

    public IReadOnlyCollection<DemoPage> Pages => _pages.Values;

    public static DemoSite Load() => Load(Path.Combine(AppContext.BaseDirectory, "Demo", "site"));

    internal static DemoSite Load(string folder)
    {
        string Layout(string language) => File.ReadAllText(Path.Combine(folder, $"layout.{language}.html"));
        string Art(string name) => File.ReadAllText(Path.Combine(folder, "art", $"{name}.svg")).Trim();
        var pages = Directory
            .EnumerateFiles(folder, "*.html", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileName(file).StartsWith("layout.", StringComparison.Ordinal))
            .Select(file => DemoPage.Parse(AddressOf(folder, file), File.ReadAllText(file), Layout, Art))
            .ToDictionary(page => page.Path, StringComparer.Ordinal);
        var files = new Dictionary<string, (byte[], string)>(StringComparer.Ordinal)
        {
            [$"{Prefix}/shop.css"] = (File.ReadAllBytes(Path.Combine(folder, "shop.css")), "text/css; charset=utf-8"),
            [$"{Prefix}/mark.svg"] = (File.ReadAllBytes(Path.Combine(folder, "mark.svg")), "image/svg+xml"),
        };
        return new(pages, files);
    }

    public void Map(IEndpointRouteBuilder app)
    {
        string[] reading = [HttpMethods.Get, HttpMethods.Head];
        app.MapMethods("/robots.txt", reading, (HttpRequest request) => Text(Robots(OriginOf(request)), "text/plain; charset=utf-8"))
            .AllowAnonymous()
            .LimitedBy(RateGroup.Open)
            .WithOwnFiles();
        app.MapMethods(
                Prefix + "/sitemap.xml",
                reading,
                (HttpRequest request) => Text(Sitemap(OriginOf(request)), "application/xml; charset=utf-8")
            )
            .AllowAnonymous()
            .LimitedBy(RateGroup.Open)
            .WithOwnFiles();
        app.MapMethods(Prefix + "/{**path}", reading, Serve).AllowAnonymous().LimitedBy(RateGroup.Open).WithOwnFiles();
    }

    private Results<FileContentHttpResult, RedirectHttpResult, NotFound> Serve(HttpRequest request, string? path)
    {
        var address = $"{Prefix}/{path}";
        if (_files.TryGetValue(address, out var file))
            return Tagged(file.Content, file.Type);
        if (_pages.TryGetValue(address, out var page))
            return Text(page.Render(OriginOf(request), Widget()), "text/html; charset=utf-8");
        return _pages.ContainsKey(address + "/") ? TypedResults.Redirect(address + "/", permanent: true) : TypedResults.NotFound();
    }

    private string Widget() => WidgetKey is null ? "" : Scripts(HtmlEncoder.Default.Encode(WidgetKey));

    private static string Scripts(string key) =>
        $"""<script src="/widget.js" data-key="{key}" async></script><script src="/consent.js" data-key="{key}" async></script>""";

    private static string Robots(string origin) =>
        $"User-agent: *\nAllow: {Prefix}/\nDisallow: /\n\nSitemap: {origin}{Prefix}/sitemap.xml\n";

    private string Sitemap(string origin)
    {
        var entries = _pages.Keys.Order(StringComparer.Ordinal).Select(path => $"  <url><loc>{origin}{path}</loc></url>\n");
        return $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
            {string.Concat(entries)}</urlset>

            """;
    }

    private static string OriginOf(HttpRequest request) => HtmlEncoder.Default.Encode($"{request.Scheme}://{request.Host}");

    private static FileContentHttpResult Text(string text, string type) => Tagged(Encoding.UTF8.GetBytes(text), type);

    // The tag lets a second crawl be answered with 304.
    private static FileContentHttpResult Tagged(byte[] content, string type) =>
        TypedResults.Bytes(
            content,
            type,
            entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content)[..8])}\"")
        );

    private static string AddressOf(string folder, string file)
    {
        var name = Path.ChangeExtension(Path.GetRelativePath(folder, file), null).Replace('\\', '/');
        return $"{Prefix}/{(name is "index" ? "" : name.EndsWith("/index", StringComparison.Ordinal) ? name[..^"index".Length] : name)}";
    }
}
