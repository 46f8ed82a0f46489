using Tenet.Billing.Ledger;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing;

/// <summary>
/// The credits of a turn, for modules whose turns cost some: set aside before a model is called, spent when the answer was given, given back when
/// there was none. Where the operator sells no credits, nothing is counted.
/// </summary>
public sealed class TurnCredits
{
    private readonly WorkspaceScope door;
    private readonly BillingOptions options;
    private readonly WelcomeCredits welcome;

    internal TurnCredits(WorkspaceScope door, BillingOptions options, WelcomeCredits welcome) =>
        (this.door, this.options, this.welcome) = (door, options, welcome);

    /// <summary>Whether turns cost anything here.</summary>
    public bool AreCounted => options.AreSold;

    /// <summary>What a turn costs, in whole credits as people are shown them; 0 where nothing is counted.</summary>
    public int Price => AreCounted ? (int)Math.Ceiling(options.TurnCredits) : 0;

    /// <summary>Selects the ids of the turns that credits were spent for.</summary>
    public static Sql SpentFor => Sql.Constant("select subject_id from billing.transaction where kind = 'settled'");

    /// <summary>Sets a turn's credits aside; a host that dies with the turn gives them back after a while.</summary>
    /// <returns>False when too few are left: no model may be called.</returns>
    public async Task<bool> ReserveAsync(Guid workspaceId, Guid turnId, CancellationToken ct) =>
        !AreCounted
        || await TryAsync(workspaceId, turnId, ct)
        || await welcome.GiveAsync(workspaceId, ct) && await TryAsync(workspaceId, turnId, ct);

    /// <summary>The answer was given: spends what was set aside, in the transaction that ends the turn. Its last statements, please: it takes a lock.</summary>
    public void Settle(SqlBatch batch, Guid turnId) => End(batch, turnId, Booking.Settle(turnId, batch.Now));

    /// <summary>There is no answer, or none that counts.</summary>
    public void Release(SqlBatch batch, Guid turnId) => End(batch, turnId, Booking.Release(turnId, batch.Now));

    /// <summary>Whole credits that can be spent; null where nothing is counted.</summary>
    public async Task<int?> LeftAsync(Guid workspaceId, CancellationToken ct)
    {
        if (!AreCounted)
        {
            return null;
        }
        await welcome.GiveAsync(workspaceId, ct);
        return await door.BatchAsync(
            workspaceId,
            Actor.System,
            batch => batch.Add($"select {Booking.Balance(Account.Available)}"),
            rows => rows.FirstOrDefaultAsync(row => new Credits(row.GetInt64(0)).Whole, ct),
            ct
        );
    }

    /// <summary>What is left and was spent in the last 30 days, in whole credits; null where nothing is counted.</summary>
    public async Task<CreditSheet?> SheetAsync(Guid workspaceId, CancellationToken ct)
    {
        if (!AreCounted)
        {
            return null;
        }
        await welcome.GiveAsync(workspaceId, ct);
        return await door.BatchAsync(
            workspaceId,
            Actor.System,
            batch =>
                batch.Add(
                    $"""
                    select {Booking.Balance(Account.Available)}, coalesce((select sum(amount) from billing.transaction
                             where kind = 'settled' and at > {batch.Now - CreditSheet.Lately}), 0)::bigint
                    """
                ),
            rows =>
                rows.FirstOrDefaultAsync(
                    row => new CreditSheet(new Credits(row.GetInt64(0)).Whole, (int)Math.Ceiling(new Credits(row.GetInt64(1)).Amount)),
                    ct
                ),
            ct
        );
    }

    private Task<bool> TryAsync(Guid workspaceId, Guid turnId, CancellationToken ct) =>
        door.BatchAsync(
            workspaceId,
            Actor.Assistant,
            batch =>
            {
                batch.Add(Booking.Lock(workspaceId));
                batch.Add(Booking.Reserve(turnId, Credits.Of(options.TurnCredits), batch.Now));
                batch.Enqueue(ReleaseReservation.Kind, turnId, ReleaseReservation.Patience, ReleaseReservation.KeyOf(turnId));
            },
            async rows =>
            {
                await rows.FirstOrDefaultAsync(_ => true, ct);
                return await rows.FirstOrDefaultAsync(_ => true, ct);
            },
            ct
        );

    private void End(SqlBatch batch, Guid turnId, Sql booking)
    {
        if (AreCounted)
        {
            batch.Withdraw(ReleaseReservation.Kind, ReleaseReservation.KeyOf(turnId));
            batch.Add(Booking.Lock(batch.WorkspaceId));
            batch.Add(booking);
        }
    }
}

/// <summary>In whole credits.</summary>
public sealed record CreditSheet(int Left, int SpentLately)
{
    internal static readonly TimeSpan Lately = TimeSpan.FromDays(30);
}
