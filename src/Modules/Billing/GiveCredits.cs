using Tenet.Billing.Ledger;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing;

/// <summary>Credits that the operator gives: paid by invoice, or to make up for something.</summary>
public sealed class GiveCredits
{
    private const int Most = 100_000_000;
    private readonly WorkspaceScope door;
    private readonly TurnCredits turns;

    internal GiveCredits(WorkspaceScope door, TurnCredits turns) => (this.door, this.turns) = (door, turns);

    /// <returns>Whole credits that are left then; null where nothing is counted, so that they are of no use yet.</returns>
    /// <exception cref="RuleException">Not a number of credits.</exception>
    public async Task<int?> RunAsync(Guid workspaceId, int credits, CancellationToken ct)
    {
        var check = new Validation();
        check.Check(credits is > 0 and <= Most, "credits", $"A whole number from 1 to {Most}, please.");
        check.Throw();
        var id = Guid.CreateVersion7();
        await door.BatchAsync(
            workspaceId,
            new Actor(ActorKind.Operator),
            batch =>
            {
                batch.Add(Booking.Lock(workspaceId));
                batch.Add(Booking.Grant(id, Credits.Of(credits), batch.Now));
                batch.Audit("credits.given", "credits", id, new { credits });
            },
            ct
        );
        return await turns.LeftAsync(workspaceId, ct);
    }
}
