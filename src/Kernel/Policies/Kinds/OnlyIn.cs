using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>A category of personal data has columns in the named tables and nowhere else.</summary>
internal sealed class OnlyIn(DataMap map, Census census, Migrator migrator)
    : ClaimKind(
        "only_in",
        "This category of personal data is stored in the named tables and nowhere else.",
        ClaimParameter.Text("category", 100),
        ClaimParameter.Tables("tables", map)
    )
{
    public override Strength Strength => Strength.Guarantee;

    public override string Limits =>
        "It rests on the classes that the data map gives to columns. What a text column holds is the code's doing.";

    public override string Key(Claim claim) => claim.Text("category");

    public override bool IsOfDeployment => true;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var category = claim.Text("category");
        var tables = claim.Get<List<string>>("tables");
        var places = map
            .Tables.SelectMany(table =>
                table.Columns.Where(column => column.Category == category).Select(column => (table.Table, column.Column))
            )
            .ToList();
        var violations = places
            .Where(place => !tables.Contains(place.Table, StringComparer.Ordinal))
            .Select(place => $"{place.Table}.{place.Column} holds {category} too.")
            // A column that the map does not know could hold anything.
            .Concat(await census.CompareAsync(migrator.IsBehind, ct))
            .ToList();
        return Finding.Of(
            violations,
            $"{category} stands in {places.Count} columns of {string.Join(", ", tables)} and in none of the other {map.Tables.Count - tables.Count} tables.",
            map.Tables.Count,
            "pg_attribute against the data map: " + category
        );
    }
}
