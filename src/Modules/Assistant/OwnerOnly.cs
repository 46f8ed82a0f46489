using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>
/// Owners alone see the data of turns: which model answered, what went to it, how much. Whoever reads receipts asks the database with the claim in
/// hand; the probe reads as everybody who is no owner, by the same way.
/// </summary>
internal sealed class OwnerOnly() : ClaimKind(Kind, "Nobody but the workspace's owners sees this.", ClaimParameter.Choice("of", History))
{
    public const string Kind = "owner_only";
    public const string History = "ai_history";
    private const int Newest = 20;
    private const int MostMembers = 50;

    public override string? TakesEffect(Claim claim) =>
        "Whoever reads the receipts of turns, such as the inbox, is shown them as an owner only.";

    public override string Limits =>
        "It reads the receipts of the newest turns as members who are no owners, and as somebody unknown. Conversations with visitors are the team's to answer and are not meant.";

    public override string Key(Claim claim) => claim.Text("of");

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var (turns, others) = await run.LookAsync(
            async ctx =>
                (
                    await ctx.ListAsync(
                        $"select id from assistant.turn where state <> 'running' order by started_at desc limit {Newest}",
                        row => row.GetGuid(0),
                        ct
                    ),
                    await ctx.ListAsync(
                        $"select id from accounts.member where role <> 'owner' limit {MostMembers}",
                        row => row.GetGuid(0),
                        ct
                    )
                ),
            ct
        );
        // One who is no member at all may see least.
        var seen = 0;
        foreach (var who in others.Append(Guid.Empty))
        {
            var shown = await run.LookAsync(Actor.Member(who), ctx => TurnReceipts.ReadAsync(ctx, [.. turns], ownersOnly: true, ct), ct);
            seen += shown.Count > 0 ? 1 : 0;
        }
        return Finding.Of(
            seen == 0 ? [] : [$"{seen} of {others.Count + 1} who are no owners were shown receipts of turns."],
            turns.Count == 0
                ? "No turn has a receipt yet."
                : $"The receipts of the newest {turns.Count} turns were shown to none of {others.Count} members without that role, nor to a stranger.",
            turns.Count,
            "assistant.turn, assistant.shows_history"
        );
    }
}
