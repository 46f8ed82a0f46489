using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

/// <summary>How many people have rows in some tables: by the ways of the subject graph, backwards, so that no module is asked.</summary>
internal static class AffectedPeople
{
    /// <summary>Counts each row that stands for a person once, however many rows of theirs are concerned.</summary>
    public static async Task<long> CountAsync(
        WorkspaceContext ctx,
        SubjectGraph graph,
        IReadOnlyCollection<string> concerned,
        CancellationToken ct
    )
    {
        var people = 0L;
        foreach (var person in graph.Persons)
        {
            if (Concerned(graph, person, concerned) is { } any)
            {
                people += await ctx.ScalarAsync<long>($"select count(*) from {Sql.Constant(person.Table)} p where {any}", ct);
            }
        }
        return people;
    }

    /// <summary>The condition that a row <c>p</c> has rows in one of the tables; null when none of them leads there.</summary>
    public static Sql? Concerned(SubjectGraph graph, SubjectTable person, IReadOnlyCollection<string> concerned)
    {
        var ways = graph
            .Tenants.Where(table => concerned.Contains(table.Table, StringComparer.Ordinal))
            .SelectMany(table => table.Table == person.Table ? [Sql.Constant("true")] : Ways(graph, table, person))
            .ToList();
        return ways.Count > 0 ? ways.Aggregate((one, other) => $"{one} or {other}") : null;
    }

    /// <summary>The conditions under which a row <c>p</c> has rows in the table: one for each way that leads from them to it.</summary>
    private static IEnumerable<Sql> Ways(SubjectGraph graph, SubjectTable table, SubjectTable person) =>
        Chains(graph, table, person, 0).Select(chain => Sql.Constant($"exists (select from {table.Table} t0 where {chain})"));

    private static IEnumerable<string> Chains(SubjectGraph graph, SubjectTable table, SubjectTable person, int depth)
    {
        foreach (var step in table.Steps)
        {
            var column = $"t{depth}.{step.Column}";
            if (step.Parent is null)
            {
                yield return $"{column} = p.id";
            }
            else if (step.Parent == person.Table)
            {
                yield return $"{column} = p.{step.ParentColumn}";
            }
            else if (graph.Tenants.FirstOrDefault(known => known.Table == step.Parent) is { IsPerson: false } parent)
            {
                foreach (var chain in Chains(graph, parent, person, depth + 1))
                {
                    yield return $"exists (select from {parent.Table} t{depth + 1} where t{depth + 1}.{step.ParentColumn} = {column} and {chain})";
                }
            }
        }
    }
}
