using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>A category of personal data has columns in the named tables and nowhere else.</summary>
internal sealed class OnlyIn(DataMap map)
    : ClaimKind(
        "only_in",
        "This category of personal data is stored in the named tables and nowhere else.",
        ClaimParameter.Text("category", 100),
        ClaimParameter.Tables("tables", map)
    )
{
    public override Strength Strength => Strength.Guarantee;

    public override string Limits => "It rests on the data map, which Tenet compares with the database at each start.";

    public override string Key(Claim claim) => claim.Text("category");

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var category = claim.Text("category");
        var places = map
            .Tables.SelectMany(table =>
                table.Columns.Where(column => column.Category == category).Select(column => (table.Table, column.Column))
            )
            .ToList();
        var tables = claim.Get<List<string>>("tables");
        return run.LookAsync(
            async ctx =>
            {
                var violations = places
                    .Where(place => !tables.Contains(place.Table, StringComparer.Ordinal))
                    .Select(place => $"{place.Table}.{place.Column} holds {category} too.")
                    .ToList();
                // A column that the map does not know could hold anything.
                foreach (var table in map.Tables)
                {
                    var known = table.Columns.Select(column => column.Column).Append("workspace_id").ToHashSet(StringComparer.Ordinal);
                    violations.AddRange(
                        (await Columns.OfAsync(ctx, table.Table, ct))
                            .Where(column => !known.Contains(column))
                            .Select(column => $"{table.Table}.{column} is not classified.")
                    );
                }
                return Finding.Of(
                    violations,
                    $"{category} stands in {places.Count} columns of {string.Join(", ", tables)} and in none of the other {map.Tables.Count - tables.Count} tables.",
                    map.Tables.Count,
                    Columns.Statement
                );
            },
            ct
        );
    }
}
