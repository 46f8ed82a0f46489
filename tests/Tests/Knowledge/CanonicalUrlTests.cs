using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Knowledge.Crawling;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class CanonicalUrlTests
{
    private static readonly Uri Base = new("https://shop.example/help/index.html");

    [Theory]
    [InlineData("returns.html#exchange", "https://shop.example/help/returns.html")]
    [InlineData("HTTPS://Shop.Example:443/A", "https://shop.example/A")]
    [InlineData("/a?utm_source=x&b=1&gclid=2", "https://shop.example/a?b=1")]
    [InlineData("/a?utm_source=x", "https://shop.example/a")]
    [InlineData("../x/./y", "https://shop.example/x/y")]
    [InlineData("//shop.example", "https://shop.example/")]
    [InlineData("http://shop.example:8080/x", "http://shop.example:8080/x")]
    public void Every_address_has_one_spelling(string reference, string expected) =>
        CanonicalUrl.Of(Base, reference)!.AbsoluteUri.ShouldBe(expected);

    [Fact]
    public void The_same_words_lead_elsewhere_from_another_folder_or_page()
    {
        var links = new PageLinks();
        string[] From(string page) =>
            [.. links.Of(new Uri(page), ["a.html", "?page=2", "/b", "mailto:a@b.example", ""]).Select(link => link.AbsoluteUri)];

        for (var twice = 0; twice < 2; twice++)
        {
            From("https://shop.example/x/1?q=/z/")
                .ShouldBe(["https://shop.example/x/a.html", "https://shop.example/x/1?page=2", "https://shop.example/b"]);
            From("https://shop.example/x/2")
                .ShouldBe(["https://shop.example/x/a.html", "https://shop.example/x/2?page=2", "https://shop.example/b"]);
            From("https://shop.example/y/1")
                .ShouldBe(["https://shop.example/y/a.html", "https://shop.example/y/1?page=2", "https://shop.example/b"]);
        }
    }

    [Theory]
    [InlineData("mailto:a@b.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://user:word@shop.example/")]
    [InlineData("http://")]
    [InlineData("/a/a/a/a/a/a")]
    [InlineData("")]
    public void What_is_no_page_is_refused(string reference) => CanonicalUrl.Of(Base, reference).ShouldBeNull();

    [Theory]
    [InlineData("https://shop.example/help/", "https://shop.example/help/returns", true)]
    [InlineData("https://shop.example/help/", "https://www.shop.example/help/returns", true)]
    [InlineData("https://shop.example/help/", "https://shop.example/blog", false)]
    [InlineData("https://shop.example/", "https://shop.example.evil.example/", false)]
    [InlineData("http://127.0.0.1:8080/", "http://127.0.0.1:8081/", false)]
    public void A_site_is_its_host_and_folder(string start, string page, bool within) =>
        CanonicalUrl.IsWithin(new Uri(start), new Uri(page)).ShouldBe(within);

    [Fact]
    public void The_canonical_spelling_is_stable() =>
        Prop.ForAll<NonEmptyString>(text => CanonicalUrl.Of(Base, text.Get) is not { } once || CanonicalUrl.Of(once) == once)
            .QuickCheckThrowOnFailure();
}
