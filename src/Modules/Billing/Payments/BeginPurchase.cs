using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Payments;

/// <summary>Sends somebody to a provider's page to pay for a package: what it costs and holds is read from the operator's settings, here.</summary>
internal sealed class BeginPurchase(
    WorkspaceScope door,
    BillingOptions options,
    IEnumerable<IPaymentProvider> providers,
    PublicAddress address
)
{
    /// <returns>The page to go to.</returns>
    /// <exception cref="NotFoundException">There is no such package, or nobody who takes payments for it.</exception>
    /// <exception cref="ConflictException">The provider does not answer: nothing was paid.</exception>
    public async Task<Uri> RunAsync(Guid workspaceId, Guid memberId, string package, string provider, CancellationToken ct)
    {
        var wanted = options.Packages.FirstOrDefault(known => known.Id == package) ?? throw new NotFoundException("package");
        var taker =
            providers.FirstOrDefault(known => known.Id == provider && known.Takes(wanted.Currency))
            ?? throw new NotFoundException("way to pay");
        var id = Guid.CreateVersion7();
        var member = await door.RunAsync(workspaceId, Actor.Member(memberId), ctx => NoteAsync(ctx, id, wanted, taker, memberId, ct), ct);
        var page = new Uri(address.Own, $"/credits?purchase={id}");
        Checkout checkout;
        try
        {
            // No transaction is held while the provider is awaited.
            checkout = await taker.BeginAsync(new Order(workspaceId, id, wanted, member.Email, page, new Uri(address.Own, "/credits")), ct);
        }
        catch (PaymentException)
        {
            await door.RunAsync(
                workspaceId,
                Actor.Member(memberId),
                ctx =>
                    ctx.ExecuteAsync(
                        $"update billing.purchase set state = {PurchaseState.Expired} where id = {id}",
                        CancellationToken.None
                    ),
                CancellationToken.None
            );
            throw new ConflictException(
                $"{taker.Title} does not answer just now. Nothing was paid: try again in a moment, or another way to pay."
            );
        }
        await door.RunAsync(
            workspaceId,
            Actor.Member(memberId),
            ctx => ctx.ExecuteAsync($"update billing.purchase set reference = {checkout.Reference} where id = {id}", ct),
            ct
        );
        return checkout.Page;
    }

    private static async Task<Member> NoteAsync(
        WorkspaceContext ctx,
        Guid id,
        CreditPackage package,
        IPaymentProvider provider,
        Guid memberId,
        CancellationToken ct
    )
    {
        var member = await Members.FindAsync(ctx, memberId, ct) ?? throw new NotFoundException("member");
        await ctx.ExecuteAsync(
            $"""
            insert into billing.purchase (id, package, credits, amount, currency, provider, state, at)
            values ({id}, {package.Id}, {package.Credits}, {package.Price}, {package.Currency}, {provider.Id}, {PurchaseState.Open}, {ctx.Now})
            """,
            ct
        );
        ctx.Audit("purchase.begun", "purchase", id, new { package.Credits, amount = package.Price });
        return member;
    }
}
