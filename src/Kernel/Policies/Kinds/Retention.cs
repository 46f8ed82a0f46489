using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>How long a kind of record is kept. Whoever deletes reads the value here; the probe looks for rows that should be gone.</summary>
internal sealed class Retention(IReadOnlyCollection<RetentionClock> clocks)
    : ClaimKind(
        Kind,
        "Records are deleted, made anonymous or reduced to counts when they have reached their age. With at_most, each workspace may choose another age up to that.",
        ClaimParameter.Choice("of", [.. clocks.Select(clock => clock.Rule).Order(StringComparer.Ordinal)]),
        ClaimParameter.Period("keep"),
        ClaimParameter.Period("at_most").Optional(),
        ClaimParameter.Choice("method", [.. Enum.GetValues<RetentionMethod>().Select(SqlValue.Text)]).Optional()
    )
{
    public const string Kind = "retention";

    /// <summary>What ends is removed by a job that runs hourly; it may be behind by this much.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(3);

    public override string? TakesEffect(Claim claim) =>
        (
            ClockOf(claim) switch
            {
                { OfDeployment: true } =>
                    "The sweep of the installation deletes by it every ten minutes, by the shortest time of all policies in force.",
                { Ends: not null } => "The sweep of this workspace deletes by it every hour.",
                _ => "The job that deletes them, or gives them their end when they are written, reads it.",
            }
        ) + (claim.PeriodOrNull("at_most") is { } most ? $" Under Widget the workspace chooses its own, up to {most}." : "");

    /// <summary>How the rows go; deletion where the claim does not say.</summary>
    public static RetentionMethod MethodOf(Claim claim) =>
        claim.Values.TryGetValue("method", out var method) ? SqlValue.Enum<RetentionMethod>((string)method) : RetentionMethod.Delete;

    public override string Limits => "Rows are found by their time stamps. Copies in backups are another promise.";

    public override string Key(Claim claim) => claim.Text("of");

    // Where a workspace chooses, what it may choose counts as well.
    public override bool Tightens(Claim before, Claim after) =>
        MethodOf(after) <= MethodOf(before)
        && after.Period("keep") <= before.Period("keep")
        && (after.PeriodOrNull("at_most") ?? after.Period("keep")) <= (before.PeriodOrNull("at_most") ?? before.Period("keep"));

    public override string? Refuses(Claim claim)
    {
        var clock = ClockOf(claim);
        var most = claim.PeriodOrNull("at_most");
        return clock.Least is { } least && claim.Period("keep") < least
                ? $"{clock.Rule} cannot be kept for less than {least}: who deletes evidence sooner could call it a purge."
            : !clock.Methods.Contains(MethodOf(claim))
                ? $"{clock.Rule} can go by {string.Join(" or ", clock.Methods.Select(SqlValue.Text))} only: nothing here does “{SqlValue.Text(MethodOf(claim))}” to it."
            : most is not null && clock.Choice is null ? $"Workspaces do not choose how long {clock.Rule} are kept: leave at_most out."
            : most < claim.Period("keep") ? "“at_most” is less than “keep”."
            : null;
    }

    /// <summary>The workspace's own choice, within what the claim allows; else the claim's value.</summary>
    public static async ValueTask<Period> KeepAsync(WorkspaceContext ctx, RetentionClock clock, Claim claim, CancellationToken ct) =>
        clock.Choice is { } choice && claim.PeriodOrNull("at_most") is { } most && await choice(ctx, ct) is { } chosen
            ? (chosen < most ? chosen : most)
            : claim.Period("keep");

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var clock = ClockOf(claim);
        var (keep, late) = clock.OfDeployment
            ? (
                claim.Period("keep"),
                await run.LookAcrossAsync(s => s.ScalarAsync<long>(clock.Overdue(Look(run, claim, claim.Period("keep"))), ct), ct)
            )
            : await run.LookAsync(
                async ctx =>
                {
                    var keep = await KeepAsync(ctx, clock, claim, ct);
                    return (keep, await ctx.ScalarAsync<long>(clock.Overdue(Look(run, claim, keep)), ct));
                },
                ct
            );
        var gone = MethodOf(claim) is RetentionMethod.Anonymise ? "anonymous" : "gone";
        return Finding.Of(
            late == 0 ? [] : [$"At least {late} rows of {clock.Rule} should be {gone}: they are kept for {keep} {clock.From}."],
            $"No row of {clock.Rule} is there{(gone == "gone" ? "" : " with a person in it")} for longer than {keep} {clock.From}.",
            late,
            clock.Overdue(Look(run, claim, keep)).ToString()
        );
    }

    private RetentionClock ClockOf(Claim claim) => clocks.Single(known => known.Rule == claim.Text("of"));

    private static RetentionLook Look(ProbeRun run, Claim claim, Period keep) => new(run.Now, keep, Grace) { Method = MethodOf(claim) };
}
