using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Tenet.Tests.Guards;

/// <summary>What may not stand in any file of the repository.</summary>
public sealed partial class SourceGuardTests
{
    private const int MaxLines = 400;
    private static readonly string[] Source = [".cs", ".razor", ".css", ".ts", ".js", ".mjs", ".sql", ".sh", ".html"];
    private static readonly string[] Binary = [".png", ".jpg", ".ico", ".woff", ".woff2", ".ttf", ".gz", ".zip", ".pdf", ".db"];

    [Fact]
    public void Sources_are_short_portable_and_leave_no_test_out() =>
        Repository.Files().Where(file => !Binary.Contains(Path.GetExtension(file.Path))).SelectMany(Findings).ShouldBeEmpty();

    [Theory]
    [InlineData("src/Long.cs", "\n", 401, "has 401 lines")]
    [InlineData("docs/setup.md", "Open /home" + "/someone/tenet/run", 1, "absolute path")]
    [InlineData("clients/widget/package-lock.json", "{ \"resolved\": \"https://example.com/a.tgz\" }", 1, "resolved")]
    [InlineData("clients/widget/.npmrc", "registry=https://registry" + ".npmjs.org/", 1, "registry")]
    [InlineData("tests/Tests/SomeTests.cs", "[Fact(Sk" + "ip = \"later\")]", 1, "leaves a test out")]
    [Trait("Seeded", "a file of more than 400 lines")]
    [Trait("Seeded", "a test left out")]
    public void Each_of_these_is_found(string path, string text, int times, string finding) =>
        Findings(new SourceFile(path, string.Concat(Enumerable.Repeat(text, times)))).ShouldHaveSingleItem().ShouldContain(finding);

    private static IEnumerable<string> Findings(SourceFile file)
    {
        if (Source.Contains(Path.GetExtension(file.Path)) && file.Text.AsSpan().Count('\n') is > MaxLines and var lines)
        {
            yield return $"{file.Path} has {lines} lines; at most {MaxLines}.";
        }
        if (MachinePath().Match(file.Text) is { Success: true } path)
        {
            yield return $"{file.Path} names an absolute path of one machine: {path.Value}";
        }
        if (PackageRegistry().Match(file.Text) is { Success: true } host)
        {
            yield return $"{file.Path} names a package registry: {host.Value}";
        }
        if (
            file.Path.EndsWith("package-lock.json", StringComparison.Ordinal)
            && file.Text.Contains("\"resolved\"", StringComparison.Ordinal)
        )
        {
            yield return $"{file.Path} says where packages were resolved: set omit-lockfile-registry-resolved.";
        }
        if (file.Path.EndsWith(".cs", StringComparison.Ordinal) && LeftOut().IsMatch(file.Text))
        {
            yield return $"{file.Path} leaves a test out.";
        }
    }

    [GeneratedRegex(@"(?<![\w.\-/*}])/(work|root|home/\w+|Users/\w+)/|/tmp/w[t]/", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex MachinePath();

    [GeneratedRegex(
        @"registry\.(npmjs|yarnpkg)|api\.nuget|pkgs\.dev\.azure|npm\.pkg\.github|\bartifactory\b",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        5000
    )]
    private static partial Regex PackageRegistry();

    [GeneratedRegex(@"\[(Fact|Theory|InlineData|MemberData)\b[^\]]*\bSki[p](When|Unless)?\s*=", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex LeftOut();
}
