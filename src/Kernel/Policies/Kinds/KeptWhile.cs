using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>Records live as long as something else, and go with it. The probe looks for rows that outlived it.</summary>
internal sealed class KeptWhile(DataMap map, IReadOnlyCollection<LifeClock> clocks, Census census, Postgres.Migrator migrator)
    : ClaimKind(
        Kind,
        "Records are kept as long as something else lasts (the workspace, the membership, the source), and go with it.",
        ClaimParameter.Choice("of", [.. clocks.Select(clock => clock.Rule).Order(StringComparer.Ordinal)]),
        ClaimParameter.Choice(
            "exists",
            [.. clocks.Select(clock => clock.While).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
        ),
        ClaimParameter.Period("gone_within")
    )
{
    public const string Kind = "kept_while";

    public override string? TakesEffect(Claim claim) =>
        "The database's references and the hourly sweep take them along; the time is what the probe grants.";

    public override string Limits => "It looks at what is left of what has ended. Copies in backups are another promise.";

    public override string Key(Claim claim) => claim.Text("of");

    public override string? Refuses(Claim claim) =>
        ClockOf(claim) is var clock && clock.While != claim.Text("exists")
            ? $"{clock.Rule} are kept as long as the {clock.While} exists, not the {claim.Text("exists")}."
            : null;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var clock = ClockOf(claim);
        var left = clock.Left(claim.Period("gone_within").Before(run.Now));
        var query = left.ToString();
        var rows = clock.OfDeployment
            ? await run.LookAcrossAsync(s => s.ScalarAsync<long>(left, ct), ct)
            : await run.LookAsync(ctx => ctx.ScalarAsync<long>(left, ct), ct);
        var tables = map.Tables.Where(table => table.Keep == clock.Rule).Select(table => table.Table).ToList();
        // What is kept without an end says nothing of a person.
        var personal =
            clock.While == LifeClock.Installation
                ? (await census.CompareAsync(migrator.IsBehind, ct)).Where(finding =>
                    tables.Exists(table => finding.Contains(" " + table + ".", StringComparison.Ordinal))
                )
                : [];
        return Finding.Of(
            [.. rows == 0 ? [] : (string[])[$"At least {rows} rows of {clock.Rule} have outlived their {clock.While}."], .. personal],
            $"No row of {clock.Rule} ({string.Join(", ", tables)}) has outlived its {clock.While}.",
            rows,
            query
        );
    }

    private LifeClock ClockOf(Claim claim) => clocks.Single(known => known.Rule == claim.Text("of"));
}
