using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Knowledge.Crawling;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class SitemapTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_and_nested_sitemaps_are_told_apart()
    {
        (
            await ReadAsync("<urlset><url><loc> https://a.example/1 </loc></url><url><loc>https://a.example/2</loc></url></urlset>")
        ).Pages.ShouldBe(["https://a.example/1", "https://a.example/2"]);
        (await ReadAsync("<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>")).Sitemaps.ShouldBe([
            "https://a.example/s.xml",
        ]);
    }

    [Fact]
    public async Task A_gzipped_sitemap_is_read_by_its_content() =>
        (
            await Sitemap.ReadAsync(
                new MemoryStream(Gzip(Encoding.UTF8.GetBytes("<urlset><url><loc>https://a.example/1</loc></url></urlset>"))),
                _ct
            )
        ).Pages.ShouldHaveSingleItem();

    [Fact]
    public async Task A_bomb_ends_at_the_limit_with_what_was_read_before()
    {
        var start = "<urlset><url><loc>https://a.example/1</loc></url><junk>"u8.ToArray();
        await using var bomb = new MemoryStream();
        await using (var zip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            await zip.WriteAsync(start, _ct);
            var junk = new byte[1_000_000];
            Array.Fill(junk, (byte)'x');
            for (var i = 0; i < 60; i++)
            {
                await zip.WriteAsync(junk, _ct);
            }
        }
        bomb.Position = 0;

        var sitemap = await Sitemap.ReadAsync(bomb, _ct);

        sitemap.IsTruncated.ShouldBeTrue();
        sitemap.Pages.ShouldBe(["https://a.example/1"]);
    }

    [Fact]
    public async Task Entities_are_not_expanded()
    {
        var sitemap = await ReadAsync(
            "<!DOCTYPE u [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><urlset><url><loc>https://a.example/&b;</loc></url></urlset>"
        );

        sitemap.Pages.ShouldBeEmpty();
        sitemap.IsTruncated.ShouldBeTrue();
    }

    [Fact]
    public async Task An_address_without_end_is_left_out() =>
        (
            await ReadAsync(
                $"<urlset><url><loc>https://a.example/{new string('x', 100_000)}</loc></url><url><loc>https://a.example/2</loc></url></urlset>"
            )
        ).Pages.ShouldBe(["https://a.example/2"]);

    [Fact]
    public async Task The_number_of_addresses_is_bounded() =>
        (
            await ReadAsync(
                "<urlset>"
                    + string.Concat(
                        Enumerable.Range(0, Sitemap.MostAddresses + 5).Select(i => $"<url><loc>https://a.example/{i}</loc></url>")
                    )
                    + "</urlset>"
            )
        ).Pages.Count.ShouldBe(Sitemap.MostAddresses);

    [Fact]
    public void Nothing_in_a_file_breaks_the_parser() =>
        Prop.ForAll<byte[], bool>(
                (content, zipped) =>
                    Sitemap.ReadAsync(new MemoryStream(zipped ? [0x1f, 0x8b, .. content] : content), _ct).GetAwaiter().GetResult()
                        is not null
            )
            .QuickCheckThrowOnFailure();

    private Task<Sitemap> ReadAsync(string xml) => Sitemap.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(xml)), _ct);

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            zip.Write(content);
        }
        return packed.ToArray();
    }
}
