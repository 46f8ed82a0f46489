using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Tenet.Tests.Guards;

/// <summary>Work across workspaces is done in few files, and each was looked at.</summary>
public sealed partial class SystemScopeGuardTests
{
    [Fact]
    public void Work_across_workspaces_is_done_in_the_reviewed_files_only() =>
        Repository
            .CompareWithReviewed(
                Using(Repository.Files(".cs", ".razor").Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))),
                Repository.ReviewedList("system-scope-files.txt")
            )
            .ShouldBeEmpty();

    [Fact]
    [Trait("Seeded", "work across workspaces in a new file")]
    public void A_new_use_is_found() =>
        Using([
                new SourceFile("src/Modules/Crm/Everyone.cs", "sealed class Everyone(SystemScope system);"),
                new SourceFile("src/Modules/Crm/Given.cs", "Task RunAsync(SystemContext s);"),
                new SourceFile("src/Modules/Crm/Innocent.cs", "/// not a SystemScoped thing"),
            ])
            .ShouldBe(["src/Modules/Crm/Everyone.cs", "src/Modules/Crm/Given.cs"]);

    private static IEnumerable<string> Using(IEnumerable<SourceFile> files) =>
        files.Where(file => SystemScope().IsMatch(file.Text)).Select(file => file.Path);

    [GeneratedRegex(@"\bSystem(Scope|Context)\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex SystemScope();
}
