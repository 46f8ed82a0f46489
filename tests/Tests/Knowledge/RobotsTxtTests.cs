using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Knowledge.Crawling;
using Xunit;

namespace Tenet.Tests.Knowledge;

public sealed class RobotsTxtTests
{
    [Theory]
    [InlineData("User-agent: *\nDisallow: /private", "/private/x", false)]
    [InlineData("User-agent: *\nDisallow: /private", "/public", true)]
    [InlineData("User-agent: *\nDisallow:", "/anything", true)]
    [InlineData("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true)]
    [InlineData("User-agent: *\nAllow: /page\nDisallow: /page", "/page", true)]
    [InlineData("User-agent: *\nDisallow: /*.pdf$", "/files/report.pdf", false)]
    [InlineData("User-agent: *\nDisallow: /*.pdf$", "/files/report.pdf?x=1", true)]
    [InlineData("User-agent: *\nDisallow: /a*b*c", "/a-then-b-then-c-then", false)]
    [InlineData("user-agent: tenetbot\ndisallow: /x\nuser-agent: *\ndisallow: /", "/y", true)]
    [InlineData("User-agent: TenetBot\nUser-agent: Other\nDisallow: /x", "/x", false)]
    [InlineData("User-agent: Tenet\nDisallow: /", "/x", true)]
    [InlineData("User-agent: *\nDisallow: /caf%C3%A9", "/café", false)]
    [InlineData("User-agent: *\nDisallow: /", "/robots.txt", true)]
    [InlineData("User-agent: TenetBot\nDisallow: /a\n\nUser-agent: TenetBot\nDisallow: /b", "/b", false)]
    [InlineData("# only a remark", "/x", true)]
    public void The_longest_rule_of_our_group_decides(string robots, string path, bool allowed) =>
        Parse(robots).Allows(path).ShouldBe(allowed);

    [Fact]
    public void Sitemaps_stand_outside_all_groups() =>
        Parse("Sitemap: https://a.example/one.xml\nUser-agent: other\nDisallow: /\nSitemap: https://a.example/two.xml")
            .Sitemaps.ShouldBe(["https://a.example/one.xml", "https://a.example/two.xml"]);

    [Fact]
    public void Only_the_first_500_KiB_count()
    {
        var late =
            "User-agent: *\nDisallow: /early\n"
            + string.Concat(Enumerable.Repeat("# filler filler filler filler filler\n", 20_000))
            + "Disallow: /late\n";

        var robots = Parse(late);

        robots.Allows("/early").ShouldBeFalse();
        robots.Allows("/late").ShouldBeTrue();
    }

    [Fact]
    public void A_pattern_of_stars_does_not_take_forever() =>
        Parse("User-agent: *\nDisallow: /" + string.Concat(Enumerable.Repeat("*a", 500)) + "$")
            .Allows("/" + new string('a', 1_400) + "b")
            .ShouldBeTrue();

    [Fact]
    public void Nothing_in_a_file_breaks_the_parser() =>
        Prop.ForAll<byte[], NonEmptyString>(
                (content, path) =>
                {
                    RobotsTxt.Parse(content, "TenetBot").Allows("/" + path.Get);
                    return true;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_disallowed_by_its_own_path_is_never_fetched() =>
        Prop.ForAll(
                Gen.Elements("abcdefgh/-_.".ToCharArray()).NonEmptyListOf().Select(c => "/" + string.Concat(c)).ToArbitrary(),
                path => !Parse($"User-agent: *\nDisallow: {path}").Allows(path)
            )
            .QuickCheckThrowOnFailure();

    private static RobotsTxt Parse(string text) => RobotsTxt.Parse(Encoding.UTF8.GetBytes(text), "TenetBot");
}
