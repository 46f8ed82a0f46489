using Microsoft.Extensions.DependencyInjection;
using Tenet.Billing.Ledger;
using Tenet.Kernel;
using Tenet.Kernel.Policies;
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
                .Rule(BillingRules.Ledger, "for the years that commercial and tax law demands, also after the workspace was deleted")
        );
        services.AddClocks();
        services.AddSingleton<WelcomeCredits>();
        services.AddSingleton(p => new TurnCredits(
            p.GetRequiredService<WorkspaceScope>(),
            p.GetRequiredService<BillingOptions>(),
            p.GetRequiredService<WelcomeCredits>()
        ));
        services.AddJob<ReleaseReservation>(ReleaseReservation.Kind, title: "Give back the credits of a turn that was cut off");
        services.AddClaimKind(_ => new CreditLedger());
        return services;
    }
}
