namespace Tenet.Kernel.Policies.Kinds;

/// <summary>No machine can prove it: a named person gives evidence, which lapses.</summary>
internal sealed class Attested()
    : ClaimKind(
        "attested",
        "A named person has given evidence for this, which is not older than this.",
        ClaimParameter.Text("what"),
        ClaimParameter.Period("every")
    )
{
    public override Strength Strength => Strength.Attestation;

    public override string Limits => "It is a person's word with evidence, and it lapses.";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var what = claim.Text("what");
                var given = await ctx.FirstOrDefaultAsync<DateTimeOffset?>(
                    $"select given_at from kernel.attestation where what = {what} and withdrawn_at is null order by given_at desc limit 1",
                    row => row.GetFieldValue<DateTimeOffset>(0),
                    ct
                );
                return given is not { } at ? Finding.Unknown("Nobody has given evidence yet.")
                    : claim.Period("every").After(at) < run.Now
                        ? Finding.Lapsed($"The evidence is from {at:yyyy-MM-dd} and has lapsed.", "kernel.attestation")
                    : Finding.Holds(
                        $"Evidence was given on {at:yyyy-MM-dd}; it lapses on {claim.Period("every").After(at):yyyy-MM-dd}.",
                        1,
                        "kernel.attestation"
                    );
            },
            ct
        );
}
