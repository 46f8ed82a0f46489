using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

/// <summary>
/// Breaches are told in time: to the authority after the workspace became aware, to the workspace after the operator did. The values are the
/// clocks of the register. Who is late says why (Article 33(1) GDPR).
/// </summary>
internal sealed class BreachClock()
    : ClaimKind(
        Kind,
        "Breaches of personal data are told in time, or the register says why not.",
        ClaimParameter.Period("to_authority"),
        ClaimParameter.Period("to_customers")
    )
{
    public const string Kind = "breach_clock";

    private const string Late = """
        select count(*) from privacy.breach
         where not is_drill
           and ((authority_told_at is null and authority_not_told is null and aware_at < $1)
             or (authority_told_at > authority_due_at and coalesce(authority_late, '') = '')
             or (is_operators and customers_told_at is null and aware_at < $2)
             or (is_operators and customers_told_at > customers_due_at and coalesce(customers_late, '') = ''))
        """;

    public override string Limits => "It sees breaches that somebody wrote into the register.";

    public override string Key(Claim claim) => Kind;

    public override bool Tightens(Claim before, Claim after) =>
        after.Period("to_authority") <= before.Period("to_authority") && after.Period("to_customers") <= before.Period("to_customers");

    public override Strength Strength => Strength.Procedure;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var (authority, customers) = (claim.Period("to_authority"), claim.Period("to_customers"));
        var (late, all) = await run.LookAsync(
            async ctx =>
                (
                    await ctx.ScalarAsync<long>(
                        $"""
                        select count(*) from privacy.breach
                         where not is_drill
                           and ((authority_told_at is null and authority_not_told is null and aware_at < {authority.Before(run.Now)})
                             or (authority_told_at > authority_due_at and coalesce(authority_late, '') = '')
                             or (is_operators and customers_told_at is null and aware_at < {customers.Before(run.Now)})
                             or (is_operators and customers_told_at > customers_due_at and coalesce(customers_late, '') = ''))
                        """,
                        ct
                    ),
                    await ctx.ScalarAsync<long>($"select count(*) from privacy.breach where not is_drill", ct)
                ),
            ct
        );
        return Finding.Of(
            late == 0 ? [] : [$"{late} breaches were not told in time ({authority}, {customers}), and nobody wrote down why."],
            $"{all} breaches in the register; each was told in time, or it says why not.",
            all,
            Late
        );
    }
}
