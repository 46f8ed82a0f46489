using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Payments;

/// <summary>Writes a receipt and mails it to the workspace's owners and admins, in the transaction that books what it is for.</summary>
internal sealed class IssueReceipt(BillingOptions options, PublicAddress address, Mailer mailer)
{
    /// <param name="amount">Below zero when money went back.</param>
    public async Task RunAsync(WorkspaceContext ctx, Purchase purchase, long amount, int credits, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(ctx.Now);
        var number = await ctx.ScalarAsync<int>($"select coalesce(max(number), 0) + 1 from billing.receipt", ct);
        var buyer = await ctx.ScalarAsync<string>($"select name from kernel.workspace where id = {ctx.WorkspaceId}", ct);
        var item = options.Packages.FirstOrDefault(package => package.Id == purchase.Package)?.Name ?? purchase.Package;
        await ctx.ExecuteAsync(
            $"""
            insert into billing.receipt (id, purchase_id, number, amount, currency, item, credits, seller, buyer, provider, reference, at)
            values ({id}, {purchase.Id}, {number}, {amount}, {purchase.Currency}, {item}, {credits}, {options.Seller ?? ""}, {buyer},
                    {purchase.Provider}, {purchase.Reference ?? ""}, {ctx.Now})
            """,
            ct
        );
        foreach (var member in (await Members.ListAsync(ctx, ct)).Where(member => Access.Reaches(member.Role, Access.Admin)))
        {
            mailer.Send(ctx, Write(member.Email, ctx, id, Receipt.NumberOf(ctx.WorkspaceId, number), purchase, item, amount, credits));
        }
    }

    private Letter Write(
        string to,
        WorkspaceContext ctx,
        Guid id,
        string number,
        Purchase purchase,
        string item,
        long amount,
        int credits
    ) =>
        new(
            to,
            amount > 0 ? $"Receipt {number}" : $"Credit note {number}",
            $"""
            {(amount > 0 ? "Receipt" : "Credit note")} {number} of {ctx.Now:yyyy-MM-dd}

            {item}: {credits} credits
            {MinorUnits.Write(amount, purchase.Currency)} {purchase.Currency}, taxes included
            {(amount > 0 ? "Paid by" : "Paid back by")} {purchase.Provider}, their reference: {purchase.Reference}
            {options.Seller}

            To print it, or to see all of them:
            {new Uri(address.Own, $"/credits/receipts/{id}")}
            """
        );
}
