using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing;

/// <summary>How long financial records are kept, and why.</summary>
internal static class BillingRules
{
    public const string Ledger = "billing.ledger";

    public const string Purchases = "billing.purchases";

    public const string Ground =
        "Records of payments and credits are kept for the years that commercial and tax law demands (GDPR Art. 17(3)(b)). They hold amounts, times and references, and name no person.";

    /// <summary>The schema lets nobody delete sooner.</summary>
    private static readonly Period Least = Period.Parse("7 years");

    // Entries, notices and receipts go with what they belong to.
    public static void AddClocks(this IServiceCollection services)
    {
        services.AddRetentionClock(Clock(Ledger, "billing.transaction"));
        services.AddRetentionClock(Clock(Purchases, "billing.purchase"));
    }

    private static RetentionClock Clock(string rule, string table) =>
        new(
            rule,
            "after it was booked",
            look => $"select count(*) from (select from {Sql.Constant(table)} where at < {look.Before} limit 1000) overdue"
        )
        {
            // The rows of a closed workspace too, through which nobody comes any more.
            OfDeployment = true,
            Least = Least,
            Ends = new RetentionEnd(table, before => $"at < {before}"),
        };
}
