using Microsoft.Extensions.Logging;
using Tenet.Billing.Ledger;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Payments;

/// <summary>
/// Acts on what a provider said, once for each notice, in one transaction: books credits, takes them back, writes receipts. Credits and price are
/// those of the purchase; the notice must agree with them.
/// </summary>
internal sealed partial class ReceivePayment(WorkspaceScope door, IssueReceipt receipts, ILogger<ReceivePayment> logger)
{
    public Task RunAsync(string provider, PaymentNotice notice, CancellationToken ct) =>
        door.RunAsync(notice.WorkspaceId, Actor.System, ctx => ActAsync(ctx, provider, notice, ct), ct);

    private async Task ActAsync(WorkspaceContext ctx, string provider, PaymentNotice notice, CancellationToken ct)
    {
        // Notices of one workspace wait for each other: nothing below is done twice.
        await ctx.ExecuteAsync(Booking.Lock(ctx.WorkspaceId), ct);
        if (await PurchaseRows.FindAsync(ctx, notice.PurchaseId, ct) is not { } purchase || purchase.Provider != provider)
        {
            return;
        }
        var id = Guid.CreateVersion7(ctx.Now);
        var isNew = await ctx.ExecuteAsync(
            $"""
            insert into billing.payment_notice (id, purchase_id, provider, event_id, event, amount, at)
            values ({id}, {purchase.Id}, {provider}, {notice.EventId}, {notice.Event}, {notice.Amount}, {ctx.Now})
            on conflict do nothing
            """,
            ct
        );
        if (isNew == 0)
        {
            return;
        }
        switch (notice.Event)
        {
            case PaymentEvent.Paid when purchase.State is PurchaseState.Open or PurchaseState.Expired:
                await PaidAsync(ctx, purchase, notice, ct);
                break;
            case PaymentEvent.Expired when purchase.State is PurchaseState.Open:
                await MoveAsync(ctx, purchase, PurchaseState.Expired, ct);
                break;
            case PaymentEvent.Refunded when purchase.PaidAt is not null && notice.Currency == purchase.Currency:
                await RefundedAsync(ctx, purchase, id, notice, ct);
                break;
            case PaymentEvent.Disputed when purchase.State is PurchaseState.Paid or PurchaseState.PartlyRefunded:
                await BookAsync(ctx, Booking.Reverse(purchase.Id, CreditsOf(purchase, purchase.Amount, purchase.Refunded), ctx.Now), ct);
                await MoveAsync(ctx, purchase, PurchaseState.Disputed, ct);
                break;
            case PaymentEvent.DisputeWon when purchase.State is PurchaseState.Disputed:
                await BookAsync(ctx, Booking.Restore(purchase.Id, ctx.Now), ct);
                await MoveAsync(ctx, purchase, purchase.Refunded > 0 ? PurchaseState.PartlyRefunded : PurchaseState.Paid, ct);
                break;
        }
    }

    private async Task PaidAsync(WorkspaceContext ctx, Purchase purchase, PaymentNotice notice, CancellationToken ct)
    {
        var agrees =
            notice.Amount == purchase.Amount
            && notice.Currency == purchase.Currency
            && (notice.Reference is null || notice.Reference == purchase.Reference);
        if (!agrees)
        {
            LogMismatch(purchase.Id);
            await MoveAsync(ctx, purchase, PurchaseState.Mismatch, ct);
            return;
        }
        await ctx.ExecuteAsync($"update billing.purchase set paid_at = {ctx.Now} where id = {purchase.Id}", ct);
        await BookAsync(ctx, Booking.Buy(purchase.Id, Credits.Of(purchase.Credits), ctx.Now), ct);
        await MoveAsync(ctx, purchase, PurchaseState.Paid, ct);
        await receipts.RunAsync(ctx, purchase, purchase.Amount, purchase.Credits, ct);
    }

    private async Task RefundedAsync(WorkspaceContext ctx, Purchase purchase, Guid notice, PaymentNotice said, CancellationToken ct)
    {
        var total = Math.Min(said.IsTotal ? said.Amount : purchase.Refunded + said.Amount, purchase.Amount);
        if (total <= purchase.Refunded)
        {
            return;
        }
        var credits = CreditsOf(purchase, total, purchase.Refunded);
        await ctx.ExecuteAsync($"update billing.purchase set refunded = {total} where id = {purchase.Id}", ct);
        // What is disputed was taken back already, all of it.
        if (purchase.State is not PurchaseState.Disputed)
        {
            if (credits.Millionths > 0)
            {
                await BookAsync(ctx, Booking.Reverse(notice, credits, ctx.Now), ct);
            }
            await MoveAsync(ctx, purchase, total == purchase.Amount ? PurchaseState.Refunded : PurchaseState.PartlyRefunded, ct);
        }
        await receipts.RunAsync(ctx, purchase, purchase.Refunded - total, -credits.Whole, ct);
    }

    /// <summary>The credits for the money between two totals that went back, in whole ones: rounding never takes more than was sold.</summary>
    internal static Credits CreditsOf(Purchase purchase, long total, long before) =>
        Credits.Of((decimal)(Share(purchase, total) - Share(purchase, before)));

    private static long Share(Purchase purchase, long amount) => (long)((Int128)purchase.Credits * amount / purchase.Amount);

    private static Task BookAsync(WorkspaceContext ctx, Sql booking, CancellationToken ct) => ctx.ExecuteAsync(booking, ct);

    private static async Task MoveAsync(WorkspaceContext ctx, Purchase purchase, PurchaseState state, CancellationToken ct)
    {
        await ctx.ExecuteAsync($"update billing.purchase set state = {state} where id = {purchase.Id}", ct);
        ctx.Audit("purchase." + Kernel.Postgres.SqlValue.Text(state), "purchase", purchase.Id, new { purchase.Credits, purchase.Amount });
        ctx.Publish(Purchase.Topic, purchase.Id);
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "What was paid for purchase {Purchase} is not what it costs: no credits were booked. Look at the provider's page."
    )]
    private partial void LogMismatch(Guid purchase);
}
