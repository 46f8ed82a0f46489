using Npgsql;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Payments;

internal static class PurchaseRows
{
    private static Sql Columns => Sql.Constant("id, package, credits, amount, currency, provider, reference, state, refunded, at, paid_at");

    public static Task<Purchase?> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync($"select {Columns} from billing.purchase where id = {id}", Read, ct);

    /// <summary>The newest that a person has to look at, or to wait for.</summary>
    public static Task<List<Purchase>> UnsettledAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"select {Columns} from billing.purchase where state in ('disputed', 'mismatch') order by at desc limit 20",
            Read,
            ct
        );

    public static Task<List<Receipt>> ReceiptsAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync($"select {ReceiptColumns} from billing.receipt order by number desc limit 200", ReadReceipt, ct);

    public static Task<Receipt?> ReceiptAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync($"select {ReceiptColumns} from billing.receipt where id = {id}", ReadReceipt, ct);

    private static Sql ReceiptColumns =>
        Sql.Constant("id, purchase_id, number, amount, currency, item, credits, seller, buyer, provider, reference, at");

    private static Purchase Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            Package = row.GetString(1),
            Credits = row.GetInt32(2),
            Amount = row.GetInt64(3),
            Currency = row.GetString(4),
            Provider = row.GetString(5),
            Reference = row.TextOrNull(6),
            State = SqlValue.Enum<PurchaseState>(row.GetString(7)),
            Refunded = row.GetInt64(8),
            At = row.GetFieldValue<DateTimeOffset>(9),
            PaidAt = row.ValueOrNull<DateTimeOffset>(10),
        };

    private static Receipt ReadReceipt(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            PurchaseId = row.GetGuid(1),
            Number = row.GetInt32(2),
            Amount = row.GetInt64(3),
            Currency = row.GetString(4),
            Item = row.GetString(5),
            Credits = row.GetInt32(6),
            Seller = row.GetString(7),
            Buyer = row.GetString(8),
            Provider = row.GetString(9),
            Reference = row.GetString(10),
            At = row.GetFieldValue<DateTimeOffset>(11),
        };
}
