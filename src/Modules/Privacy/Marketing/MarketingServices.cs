using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Marketing;

internal static class MarketingServices
{
    /// <summary>An address that nobody confirmed may be anybody's: it goes when its link has ended.</summary>
    private const string Unconfirmed = "confirmed_at is null and withdrawn_at is null and link_ends_at";

    public static IServiceCollection AddMarketing(this IServiceCollection services)
    {
        services.AddSingleton<MarketingList>();
        services.AddClaimKind(_ => new OptIn());
        services.AddRetentionClock(
            new RetentionClock(
                MarketingList.Rule,
                "after they were withdrawn",
                look =>
                    $"select count(*) from (select from privacy.marketing_consent where withdrawn_at < {look.Before} or ({Sql.Constant(Unconfirmed)} < {look.Now - look.Grace}) limit 1000) late"
            )
            {
                Ends = new("privacy.marketing_consent", before => $"withdrawn_at < {before} or ({Sql.Constant(Unconfirmed)} < now())"),
            }
        );
        return services.AddRecords(records =>
            records
                .Add<MarketingConsent>()
                .Rule(
                    MarketingList.Rule,
                    "as long as somebody is on the list, and then as long as the policy says; until the link has ended when nobody confirmed"
                )
        );
    }
}
