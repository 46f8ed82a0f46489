using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>No machine can prove it: a named person gives evidence, which lapses. The operator's counts in every workspace.</summary>
internal sealed class Attested()
    : ClaimKind(
        "attested",
        "A named person has given evidence for this, which is not older than this.",
        ClaimParameter.Text("what"),
        ClaimParameter.Period("every")
    )
{
    public override Strength Strength => Strength.Attestation;

    public override string Limits => "A machine cannot prove this. It is a person's word with evidence, and it lapses.";

    public override bool Tightens(Claim before, Claim after) =>
        before.Text("what") == after.Text("what") && after.Period("every") < before.Period("every");

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var what = claim.Text("what");
        var own = await run.LookAsync(
            ctx =>
                ctx.FirstOrDefaultAsync<Given?>(
                    $"""
                    select given_at, expires_on from kernel.attestation
                     where what = {what} and withdrawn_at is null order by given_at desc limit 1
                    """,
                    row => new Given(row.GetFieldValue<DateTimeOffset>(0), row.IsDBNull(1) ? null : row.GetFieldValue<DateOnly>(1)),
                    ct
                ),
            ct
        );
        var operators = await run
            .Services.GetRequiredService<SystemScope>()
            .RunAsync(
                s =>
                    s.FirstOrDefaultAsync<Given?>(
                        $"select given_at from kernel.operator_attestation where what = {what} and withdrawn_at is null order by given_at desc limit 1",
                        row => new Given(row.GetFieldValue<DateTimeOffset>(0), null),
                        ct
                    ),
                ct
            );
        var given = new[] { own, operators }.OfType<Given>().OrderByDescending(one => one.Until(claim)).FirstOrDefault();
        return given is null ? Finding.Unknown("Nobody has given evidence yet.")
            : given.Until(claim) < run.Now
                ? Finding.Lapsed(
                    $"The evidence is from {given.At:yyyy-MM-dd} and lapsed on {given.Until(claim):yyyy-MM-dd}.",
                    "kernel.attestation"
                )
            : Finding.Holds(
                $"Evidence was given on {given.At:yyyy-MM-dd}; it lapses on {given.Until(claim):yyyy-MM-dd}.",
                1,
                "kernel.attestation"
            );
    }

    private sealed record Given(DateTimeOffset At, DateOnly? ExpiresOn)
    {
        public DateTimeOffset Until(Claim claim)
        {
            var end = claim.Period("every").After(At);
            return ExpiresOn is { } day && new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) is var own && own < end ? own : end;
        }
    }
}
