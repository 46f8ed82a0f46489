using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Consents;

internal static class ConsentServices
{
    public static IServiceCollection AddConsents(this IServiceCollection services)
    {
        services.AddSingleton(
            new BrowserItem(
                "tenet-consent:KEY",
                false,
                "consent banner: what was chosen about cookies, and a random number that proves it; nothing before a choice",
                "12 months, or until removed by the visitor"
            )
        );
        services.AddClaimKind(p => new ConsentRequired(new Lazy<PolicyBook>(p.GetRequiredService<PolicyBook>)));
        services.AddLifeClock(
            LifeClock.OfWorkspace(GiveConsent.Rule, "privacy.consent", "privacy.consent_notice", "privacy.consent_renewal")
        );
        return services.AddRecords(records =>
            records
                .Add<Consent>()
                .Add<ConsentNotice>()
                .Add<ConsentRenewal>()
                .Rule(
                    GiveConsent.Rule,
                    "as long as the workspace is active, or until the person is erased: who relies on a consent must prove it"
                )
        );
    }
}
