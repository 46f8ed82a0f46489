using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Billing.Ledger;
using Tenet.Billing.Payments;
using Tenet.Kernel;
using Tenet.Kernel.Doctoring;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing;

public static class BillingModule
{
    public static IServiceCollection AddBilling(this IServiceCollection services, BillingOptions options)
    {
        services.AddSingleton(options.Check());
        services.AddRecords(records =>
            records
                .Add<LedgerTransaction>()
                .Add<LedgerEntry>()
                .Add<Purchase>()
                .Add<PaymentNoticeRecord>()
                .Add<Receipt>()
                .Rule(BillingRules.Purchases, "for the years that commercial and tax law demands, also after the workspace was deleted")
                .Rule(BillingRules.Ledger, "for the years that commercial and tax law demands, also after the workspace was deleted")
        );
        services.AddClocks();
        services.AddSingleton<WelcomeCredits>();
        services.AddSingleton(p => new TurnCredits(
            p.GetRequiredService<WorkspaceScope>(),
            p.GetRequiredService<BillingOptions>(),
            p.GetRequiredService<WelcomeCredits>()
        ));
        services.AddSingleton(p => new GiveCredits(p.GetRequiredService<WorkspaceScope>(), p.GetRequiredService<TurnCredits>()));
        services.AddJob<ReleaseReservation>(ReleaseReservation.Kind, title: "Give back the credits of a turn that was cut off");
        services.AddClaimKind(_ => new CreditLedger());
        services.AddSingleton(new NavEntry("Credits", "/credits", 94, Access.Admin));
        services.AddPayments(options);
        return services;
    }

    public static void MapBilling(this IEndpointRouteBuilder app)
    {
        app.MapBookings();
        app.MapWebhooks();
    }

    private static void AddPayments(this IServiceCollection services, BillingOptions options)
    {
        services.AddSingleton<PaymentCalls>().AddSingleton<BeginPurchase>().AddSingleton<ReceivePayment>().AddSingleton<IssueReceipt>();
        var hosts = new List<Uri>();
        if (options is { AreSold: true, Stripe.SecretKey: not null })
        {
            services.AddSingleton<IPaymentProvider>(p => new StripePayments(
                options.Stripe,
                p.GetRequiredService<PaymentCalls>(),
                p.GetRequiredService<TimeProvider>()
            ));
            hosts.Add(options.Stripe.Api);
        }
        if (options is { AreSold: true, Paystack.SecretKey: not null })
        {
            services.AddSingleton<IPaymentProvider>(p => new PaystackPayments(options.Paystack, p.GetRequiredService<PaymentCalls>()));
            hosts.Add(options.Paystack.Api);
        }
        if (options is { AreSold: true, PayPal.ClientId: not null })
        {
            services.AddSingleton<IPaymentProvider>(p => new PayPalPayments(options.PayPal, p.GetRequiredService<PaymentCalls>()));
            hosts.Add(options.PayPal.Api);
        }
        services.AddSingleton(new OutsideHosts("payments", (_, _) => Task.FromResult<IReadOnlyList<Uri>>(hosts)));
    }
}
