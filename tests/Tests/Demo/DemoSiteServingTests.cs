using System.Net;
using System.Net.Http.Headers;
using System.Xml.Linq;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Demo;

public sealed class DemoSiteServingTests(TestCluster cluster)
{
    [Fact]
    public async Task Every_page_of_the_sitemap_is_served()
    {
        using var client = cluster.Host.Client();
        var sitemap = XDocument.Parse(await client.GetStringAsync("/demo/sitemap.xml"));
        var pages = sitemap
            .Descendants()
            .Where(e => e.Name.LocalName.Equals("loc", StringComparison.Ordinal))
            .Select(e => e.Value)
            .ToList();

        pages.Count.ShouldBeGreaterThanOrEqualTo(18);
        foreach (var page in pages)
        {
            using var answer = await client.GetAsync(page);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, page);
            (await answer.Content.ReadAsStringAsync()).ShouldContain($"<link rel=\"canonical\" href=\"{page}\">");
        }
    }

    [Fact]
    public async Task An_unchanged_page_is_answered_with_304()
    {
        using var client = cluster.Host.Client();
        using var first = await client.GetAsync("/demo/returns");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/demo/returns");
        again.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(first.Headers.ETag!.Tag));

        using var second = await client.SendAsync(again);

        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }
}
