using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Accounts;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class LocalPathTests
{
    [Fact]
    public void Whatever_is_asked_a_browser_stays_with_us()
    {
        var parts = Gen.Elements("/", "\\", "//", ":", "@", "?", "#", ".", "%2f", "\t", "\n", "\u0000", "https:", "evil.example", "a", " ");
        var paths = Gen.ListOf(parts).Select(list => string.Concat(list));

        Prop.ForAll(paths.ToArbitrary(), StaysWithUs).QuickCheckThrowOnFailure();
        Prop.ForAll<string?>(StaysWithUs).QuickCheckThrowOnFailure();
    }

    private static bool StaysWithUs(string? asked)
    {
        var path = LocalPath.Of(asked);
        path.ShouldStartWith("/");
        // Browsers take a backslash for a slash and drop tabs and line breaks.
        var read = path.Replace('\\', '/').Replace("\t", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        return !read.StartsWith("//", StringComparison.Ordinal)
            && new Uri(new Uri("https://own.example/"), path).Host.Equals("own.example", StringComparison.Ordinal);
    }
}
