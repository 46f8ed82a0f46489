using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>How long a kind of record is kept. Whoever deletes reads the value here; the probe looks for rows that should be gone.</summary>
internal sealed class Retention(IReadOnlyCollection<RetentionClock> clocks)
    : ClaimKind(
        Kind,
        "Records are deleted when they have reached their age.",
        ClaimParameter.Choice("of", [.. clocks.Select(clock => clock.Rule).Order(StringComparer.Ordinal)]),
        ClaimParameter.Period("keep")
    )
{
    public const string Kind = "retention";

    /// <summary>What ends is removed by a job that runs hourly; it may be behind by this much.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(3);

    public override string Limits => "Rows are found by their time stamps. Copies in backups are another promise.";

    public override string Key(Claim claim) => claim.Text("of");

    public override bool Tightens(Claim before, Claim after) => after.Period("keep") < before.Period("keep");

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var clock = clocks.Single(known => known.Rule == claim.Text("of"));
        var before = claim.Period("keep").Before(run.Now) - Grace;
        var late = await run.LookAsync(ctx => ctx.ScalarAsync<long>(clock.Overdue(before), ct), ct);
        return Finding.Of(
            late == 0 ? [] : [$"At least {late} rows of {clock.Rule} are older than {claim.Period("keep")}."],
            $"No row of {clock.Rule} is older than {claim.Period("keep")}.",
            late,
            clock.Overdue(before).ToString()
        );
    }
}
