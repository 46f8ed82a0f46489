using System.Reflection;
using Shouldly;
using Xunit;

namespace Tenet.Tests.Guards;

/// <summary>What the guards were broken with: by tests that carry the trait <c>Seeded</c>, and in the code by scripts/seed-faults.</summary>
public sealed class SeededFaultTests
{
    [Fact]
    public void The_guards_were_broken_in_many_ways() =>
        ByTests().Concat(Blocks().Select(fault => fault.Name)).Count().ShouldBeGreaterThan(50);

    [Fact]
    public void The_page_about_the_guards_lists_what_they_were_broken_with() =>
        Repository
            .CompareWithReviewed(
                ByTests().Concat(Blocks().Select(fault => fault.Name)),
                [
                    .. File.ReadLines(Path.Combine(Repository.Root, "docs/guards.md"))
                        .Where(line => line.StartsWith("- ", StringComparison.Ordinal))
                        .Select(line => line[2..]),
                ]
            )
            .ShouldBeEmpty();

    [Fact]
    public void Faults_of_the_code_fit_the_sources() => Blocks().SelectMany(Findings).ShouldBeEmpty();

    [Fact]
    public void One_that_no_longer_fits_is_found() =>
        Findings(new Fault("nothing", "Tenet.slnx", "no such text", "", "*NoSuchTests"))
            .ShouldBe(["nothing: “no such text” stands 0 times in Tenet.slnx.", "nothing: there are no tests *NoSuchTests."]);

    private static IEnumerable<string> ByTests() =>
        typeof(SeededFaultTests)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes<TraitAttribute>())
            .Where(trait => trait.Name is "Seeded")
            .Select(trait => trait.Value)
            .Distinct(StringComparer.Ordinal);

    private static List<Fault> Blocks()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "tests/seeded-faults.txt"))
            .Where(line => line.Length > 0 && line[0] is not '#')
            .ToList();
        string[] names = ["fault", "file", "find", "put", "tests"];
        lines.Select(line => line.Split(": ")[0]).ShouldBe(Enumerable.Repeat(names, lines.Count / names.Length).SelectMany(name => name));
        return
        [
            .. lines
                .Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..])
                .Chunk(names.Length)
                .Select(block => new Fault(block[0], block[1], block[2], block[3], block[4])),
        ];
    }

    private static IEnumerable<string> Findings(Fault fault)
    {
        var times = File.ReadAllText(Path.Combine(Repository.Root, fault.File)).Split(fault.Find).Length - 1;
        if (times != 1)
        {
            yield return $"{fault.Name}: “{fault.Find}” stands {times} times in {fault.File}.";
        }
        foreach (var tests in fault.Tests.Split(';'))
        {
            if (
                !typeof(SeededFaultTests)
                    .Assembly.GetTypes()
                    .Any(type => type.FullName!.EndsWith("." + tests[1..], StringComparison.Ordinal))
            )
            {
                yield return $"{fault.Name}: there are no tests {tests}.";
            }
        }
    }

    private sealed record Fault(string Name, string File, string Find, string Put, string Tests);
}
