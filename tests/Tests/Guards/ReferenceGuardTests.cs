using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace Tenet.Tests.Guards;

public sealed class ReferenceGuardTests
{
    // The architecture: what each project may stand on. A new project or edge is a decision that is made here.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Tenet.Kernel"] = [],
        ["Tenet.Accounts"] = ["Tenet.Kernel"],
        ["Tenet.Knowledge"] = ["Tenet.Kernel"],
        ["Tenet.Assistant"] = ["Tenet.Kernel", "Tenet.Knowledge"],
        ["Tenet.Inbox"] = ["Tenet.Kernel", "Tenet.Accounts", "Tenet.Assistant"],
        ["Tenet.Privacy"] = ["Tenet.Kernel", "Tenet.Accounts"],
        ["Tenet.Billing"] = ["Tenet.Kernel", "Tenet.Accounts"],
        ["Tenet.Odoo"] = ["Tenet.Kernel", "Tenet.Accounts", "Tenet.Assistant", "Tenet.Billing"],
        ["Tenet"] =
        [
            "Tenet.Kernel",
            "Tenet.Accounts",
            "Tenet.Knowledge",
            "Tenet.Assistant",
            "Tenet.Inbox",
            "Tenet.Billing",
            "Tenet.Odoo",
            "Tenet.Privacy",
        ],
        ["Tenet.Tests"] = ["Tenet"],
        ["Tenet.Benchmarks"] = ["Tenet"],
    };

    private static readonly string[] MaySeeInside = ["Tenet.Tests", "Tenet.Benchmarks"];

    [Fact]
    public void Projects_stand_on_each_other_as_designed() => Findings(Repository.Files(".csproj")).ShouldBeEmpty();

    [Fact]
    [Trait("Seeded", "a project reference added")]
    [Trait("Seeded", "a module that shows its inside to another")]
    public void A_cycle_an_unknown_project_and_a_look_inside_are_found()
    {
        Findings([
                Project("src/Kernel/Tenet.Kernel.csproj", """<ProjectReference Include="../Modules/Inbox/Tenet.Inbox.csproj" />"""),
                Project("src/Modules/Knowledge/Tenet.Knowledge.csproj", """<InternalsVisibleTo Include="Tenet.Inbox" />"""),
                Project("src/Modules/Shared/Tenet.Shared.csproj", ""),
            ])
            .ShouldBe([
                "Tenet.Kernel may not stand on Tenet.Inbox.",
                "Tenet.Knowledge may not show its inside to Tenet.Inbox.",
                "Tenet.Shared has no place in the architecture.",
            ]);
    }

    [Fact]
    public void The_design_itself_has_no_cycle() =>
        Allowed.Keys.ShouldAllBe(project => !Reach(project, new HashSet<string>(StringComparer.Ordinal)).Contains(project));

    private static IReadOnlyList<string> Findings(IEnumerable<SourceFile> projects)
    {
        var findings = new List<string>();
        foreach (var file in projects)
        {
            var name = Path.GetFileNameWithoutExtension(file.Path);
            if (!Allowed.TryGetValue(name, out var allowed))
            {
                findings.Add($"{name} has no place in the architecture.");
                continue;
            }
            var project = XDocument.Parse(file.Text);
            findings.AddRange(
                Included(project, "ProjectReference")
                    .Select(Path.GetFileNameWithoutExtension)
                    .Except(allowed, StringComparer.Ordinal)
                    .Select(reference => $"{name} may not stand on {reference}.")
            );
            findings.AddRange(
                Included(project, "InternalsVisibleTo")
                    .Except(MaySeeInside, StringComparer.Ordinal)
                    .Select(other => $"{name} may not show its inside to {other}.")
            );
        }
        return findings;
    }

    private static IEnumerable<string> Included(XDocument project, string item) =>
        project.Descendants(item).Select(element => element.Attribute("Include")!.Value);

    private static HashSet<string> Reach(string project, HashSet<string> reached)
    {
        foreach (var next in Allowed[project].Where(reached.Add))
        {
            Reach(next, reached);
        }
        return reached;
    }

    private static SourceFile Project(string path, string items) => new(path, $"<Project><ItemGroup>{items}</ItemGroup></Project>");
}
