using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.DataMaps;
using Tenet.Privacy.Exports;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Guards;

/// <summary>What a person is given and what is erased of them is the same, but for what says why it is not.</summary>
public sealed class RightsGuardTests(TestCluster cluster)
{
    [Fact]
    public async Task Every_personal_column_is_exported_and_erased_or_says_why_not()
    {
        var graph = await cluster.Host.Services.GetRequiredService<Census>().SubjectsAsync(TestContext.Current.CancellationToken);
        var map = cluster.Host.Services.GetRequiredService<DataMap>();
        var stores = cluster.Host.Services.GetServices<SubjectStore>().Select(store => store.Name).ToHashSet(StringComparer.Ordinal);

        Findings(map, graph, stores).ShouldBeEmpty();
    }

    [Fact]
    public void A_column_that_is_neither_and_a_ground_that_is_a_mere_word_are_found()
    {
        ColumnMap id = new("id", "Id", DataClass.Operational, null, Identifies: false);
        ColumnMap text = new("text", "Text", DataClass.Personal, Category.Content, Identifies: false);
        var person = new TableMap("lab.person", typeof(object), "", "", [id, text with { Column = "email", Identifies = true }]);
        var lost = new TableMap("lab.lost", typeof(object), "", "", [id, text]);
        var kept = new TableMap("lab.kept", typeof(object), "", "", [id, text with { Refers = "lab.person" }]) { Retained = "Law." };
        var map = new DataMap([person, lost, kept], new Dictionary<string, string>(StringComparer.Ordinal));
        var graph = SubjectGraph.Of(map, [], new HashSet<string>(["lab.person", "lab.lost", "lab.kept"], StringComparer.Ordinal));

        Findings(map, graph, new HashSet<string>(StringComparer.Ordinal))
            .ShouldBe(
                ["lab.kept stays on a ground that says nothing: Law.", "lab.lost.text is neither exported nor erased."],
                ignoreOrder: true
            );
    }

    private static IEnumerable<string> Findings(DataMap map, SubjectGraph graph, IReadOnlySet<string> stores)
    {
        var exported = ExportColumns
            .Tables(graph)
            .SelectMany(table =>
                table.Personal.Where(column => ExportColumns.Withheld(column) is null).Select(column => (table.Table, column.Column))
            )
            .ToHashSet();
        var erased = graph.Tables.Where(table => table.Retained is null).Select(table => table.Table).ToHashSet(StringComparer.Ordinal);
        foreach (var table in map.Tables)
        {
            var reached = graph.Tables.FirstOrDefault(known => known.Table == table.Table);
            if ((reached?.Retained ?? table.NoSubject) is { Length: < 40 } ground)
            {
                yield return $"{table.Table} stays on a ground that says nothing: {ground}";
            }
            foreach (var column in table.Columns.Where(column => column.IsPersonal && !column.Mentions))
            {
                // Of no workspace: a person's sign-in is theirs over all of them, and goes when they belong to none.
                var isDirectory = reached is { IsTenant: false };
                var isExported =
                    exported.Contains((table.Table, column.Column)) || ExportColumns.Withheld(column) is not null || isDirectory;
                var isErased = erased.Contains(table.Table) || reached?.Retained is not null;
                if (!(isExported && isErased) && table.NoSubject is null && !stores.Contains(table.Table))
                {
                    yield return $"{table.Table}.{column.Column} is neither exported nor erased.";
                }
            }
        }
    }
}
