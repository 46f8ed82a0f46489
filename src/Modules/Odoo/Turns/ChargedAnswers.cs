using Tenet.Billing;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Turns;

/// <summary>Credits are spent for answers only: see <see cref="TurnMeter.IsCharged"/>.</summary>
internal sealed class ChargedAnswers()
    : ClaimKind(
        "charged_answers_only",
        "No credits were spent for a turn that failed, was cut off, found nothing, or gave a figure that did not come from Odoo."
    )
{
    private static Sql Charged =>
        $"""
            select count(*) from (select from odoo.turn
             where state not in ('answered', 'waiting') and id in ({TurnCredits.SpentFor}) limit 1000) charged
            """;

    public override string Limits => "It looks at the turns that are kept: those of the Odoo that is connected.";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var charged = await ctx.ScalarAsync<long>(Charged, ct);
                var turns = await ctx.ScalarAsync<long>($"select count(*) from odoo.turn", ct);
                return Finding.Of(
                    charged == 0 ? [] : [$"{charged} turns without a good answer were charged."],
                    $"Of {turns} turns, none without a good answer was charged.",
                    turns,
                    Charged.ToString()
                );
            },
            ct
        );
}
