using System.Globalization;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Marketing;

/// <summary>
/// Nobody is on the list of those who may be written to but by a link that was mailed to them. The value sets how long the link works; the
/// database compares what was mailed with what came back, and the probe looks whether it still does.
/// </summary>
internal sealed class OptIn()
    : ClaimKind(
        Kind,
        "Who may be written to for marketing asked for it, and confirmed it by a link mailed to them, within this time. Withdrawing is one click.",
        ClaimParameter.Period("confirm_within")
    )
{
    public const string Kind = "opt_in";

    private const string Unconfirmed = """
        select count(*) from (select from privacy.marketing_consent
         where confirmed_at is not null and (used_hash is null or used_hash <> link_hash or confirmed_at not between asked_at and link_ends_at)
         limit 1000) unconfirmed
        """;

    private const string Stuck = """
        select count(*) from (select from privacy.marketing_consent
         where confirmed_at is not null and withdrawn_at is null and withdrawal_hash is null limit 1000) stuck
        """;

    private const string Counted = """
        select count(*) from (select from privacy.marketing_consent where confirmed_at is not null and withdrawn_at is null limit 100000) listed
        """;

    public override string Limits =>
        "It looks at the list that is kept here. What is sent from other systems to addresses from elsewhere, it cannot see.";

    public override string Key(Claim claim) => Kind;

    public override bool Tightens(Claim before, Claim after) => after.Period("confirm_within") <= before.Period("confirm_within");

    public override string? TakesEffect(Claim claim) =>
        "How long the link works by which somebody confirms that they want to be written to.";

    /// <summary>How long a link confirms under a policy; null where the policy promises no such list, and there is none.</summary>
    public static Period? WithinOf(Policy policy)
    {
        var named = policy
            .Claims.Where(found => found.Claim.Kind.Name == Kind)
            .Select(found => found.Claim.Period("confirm_within"))
            .ToList();
        return named.Count == 0 ? null : named.Min();
    }

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var (within, slack) = (claim.Period("confirm_within"), TimeSpan.FromMinutes(1));
        return await run.LookAsync(
            async ctx =>
            {
                var unconfirmed = await ctx.ScalarAsync<long>(Sql.Constant(Unconfirmed), ct);
                var stuck = await ctx.ScalarAsync<long>(Sql.Constant(Stuck), ct);
                var longest = await ctx.ScalarAsync<DateTimeOffset?>(
                    $"select max(link_ends_at) from privacy.marketing_consent where confirmed_at is null",
                    ct
                );
                string[] violations =
                [
                    .. unconfirmed == 0
                        ? []
                        : (string[])[Say($"At least {unconfirmed} addresses are on the list without a confirmation by the mailed link.")],
                    .. stuck == 0 ? [] : (string[])[Say($"At least {stuck} persons have no link by which they could end it.")],
                    .. longest is null || longest <= within.After(run.Now) + slack
                        ? []
                        : (string[])[Say($"A link confirms for longer than {within}.")],
                ];
                var listed = await ctx.ScalarAsync<long>(Sql.Constant(Counted), ct);
                return Finding.Of(
                    violations,
                    listed == 0
                        ? "Nobody is on the list, so nobody may be written to."
                        : Say(
                            $"{listed} persons are on the list; each confirmed by the link that was mailed to them, and has one that ends it."
                        ),
                    listed,
                    Unconfirmed + ";" + Stuck
                );
            },
            ct
        );
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
