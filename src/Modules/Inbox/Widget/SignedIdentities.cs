using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <summary>Who a visitor is said to be by the customer's site counts only with its signature.</summary>
internal sealed class SignedIdentities()
    : ClaimKind("signed_identity", "A visitor has an identity of the customer's site only when the site has signed it.")
{
    private const string Statement =
        "select count(*) from (select from inbox.visitor where external_id is not null and not verified limit 1000) unsigned";

    public override string Limits => "It looks at what was stored. That the site signs for the right person is the site's doing.";

    public override string Key(Claim claim) => "visitors";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var unsigned = await ctx.ScalarAsync<long>(Sql.Constant(Statement), ct);
                return Finding.Of(
                    unsigned == 0 ? [] : [$"At least {unsigned} visitors have an identity that nobody signed."],
                    "No visitor has an identity that was not signed.",
                    unsigned,
                    Statement
                );
            },
            ct
        );
}
