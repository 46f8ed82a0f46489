using Tenet.Billing.Ledger;

namespace Tenet.Tests.Crash;

/// <summary>Credits that were set aside for turns whose host was killed.</summary>
internal sealed class LostReservations() : JobScenario(ReleaseReservation.Kind)
{
    private readonly List<Guid> _turns = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var turn = Guid.CreateVersion7();
        await rig.RunAsync(ctx =>
        {
            ctx.Later(Booking.Lock(ctx.WorkspaceId));
            ctx.Later(Booking.Grant(turn, new Tenet.Billing.Credits(1), ctx.Now));
            ctx.Later(Booking.Reserve(turn, new Tenet.Billing.Credits(1), ctx.Now));
        });
        await rig.EnqueueAsync(Kind, turn);
        _turns.Add(turn);
    }

    public override Task CompareAsync(CrashRig rig, Differences found) =>
        found.ExpectAsync(
            "reservations that were given back once, and credits that are there again",
            $"{_turns.Count} {_turns.Count} 0",
            rig.Setup.AsOwnerAsync<string>(
                """
                select concat_ws(' ',
                  (select count(*) from billing.transaction where subject_id = any($1) and kind = 'released'),
                  coalesce((select balance from billing.entry where workspace_id = $2 and account = 'available' order by number desc limit 1), 0),
                  coalesce((select balance from billing.entry where workspace_id = $2 and account = 'held' order by number desc limit 1), 0))
                """,
                _turns.ToArray(),
                rig.Workspace.Id
            )
        );
}
