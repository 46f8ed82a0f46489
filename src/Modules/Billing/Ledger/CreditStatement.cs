using Tenet.Billing.Payments;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Ledger;

internal sealed record DaySpent(DateOnly Day, Credits Spent);

/// <summary>What a workspace's admin sees of its credits.</summary>
internal sealed record CreditStatement(
    Credits Available,
    Credits Held,
    IReadOnlyList<DaySpent> Days,
    IReadOnlyList<Receipt> Receipts,
    IReadOnlyList<Purchase> Unsettled
)
{
    public const int Length = 30;

    public static async Task<CreditStatement> ReadAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var (available, held) = await ctx.FirstOrDefaultAsync(
            $"select {Booking.Balance(Account.Available)}, {Booking.Balance(Account.Held)}",
            row => (new Credits(row.GetInt64(0)), new Credits(row.GetInt64(1))),
            ct
        );
        var since = DateOnly.FromDateTime(ctx.Now.UtcDateTime).AddDays(1 - Length);
        var spent = await ctx.ListAsync(
            $"""
            select (at at time zone 'UTC')::date, sum(amount)::bigint from billing.transaction
             where kind = 'settled' and at >= {new DateTimeOffset(since, TimeOnly.MinValue, TimeSpan.Zero)} group by 1
            """,
            row => new DaySpent(row.GetFieldValue<DateOnly>(0), new Credits(row.GetInt64(1))),
            ct
        );
        return new CreditStatement(
            available,
            held,
            [
                .. Enumerable
                    .Range(0, Length)
                    .Select(n => spent.Find(day => day.Day == since.AddDays(n)) ?? new DaySpent(since.AddDays(n), default)),
            ],
            await PurchaseRows.ReceiptsAsync(ctx, ct),
            await PurchaseRows.UnsettledAsync(ctx, ct)
        );
    }
}
