using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Privacy.Alerts;
using Tenet.Privacy.Breaches;
using Tenet.Privacy.Choice;
using Tenet.Privacy.Closings;
using Tenet.Privacy.Consents;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Marketing;
using Tenet.Privacy.Notices;
using Tenet.Privacy.Public;
using Tenet.Privacy.Recipients;
using Tenet.Privacy.Records;
using Tenet.Privacy.Requests;
using Tenet.Privacy.Rights;
using Tenet.Privacy.Trust;

namespace Tenet.Privacy;

public static class PrivacyModule
{
    /// <param name="background">Whether this process does work of its own, beside what it is asked.</param>
    public static IServiceCollection AddPrivacy(this IServiceCollection services, OperatorOptions options, bool background)
    {
        if (background)
        {
            services.AddHostedService<ReplayAtStart>();
        }
        services
            .AddSingleton(options)
            .AddSingleton<TrustSheets>()
            .AddRights()
            .AddRequests()
            .AddConsents()
            .AddMarketing()
            .AddClosings()
            .AddBreaches();
        services.AddSingleton<HostsInUse>().AddSingleton<RecipientList>();
        services.AddClaimKind(p => new Subprocessors(p.GetRequiredService<RecipientList>(), p.GetRequiredService<HostsInUse>()));
        // The book reads policies by their claim kinds, of which this is one.
        services.AddClaimKind(p => new ChangeNotice(new Lazy<PolicyBook>(p.GetRequiredService<PolicyBook>)));
        services.AddSingleton<ProcessingRegister>().AddSingleton<LookNow>().AddSingleton<PolicyChoice>();
        services.AddSingleton(
            new NavEntry("Policy", "/policy", 88, Access.Admin) { Count = Incidents.CountOpenAsync, CountTopic = "policy" }
        );
        services.AddSingleton<AnnounceVersion>();
        services.AddSingleton<PolicyRound>(p => p.GetRequiredService<AnnounceVersion>().RunAsync);
        services.AddSingleton<LapsedBases>().AddSingleton<PolicyRound>(p => p.GetRequiredService<LapsedBases>().RunAsync);
        services.AddJob<AlertIncident>(AlertIncident.Kind, title: "Write to owners about a broken promise");
        services.AddSingleton<IncidentOpened>(AlertIncident.Happened).AddSingleton<IncidentClosed>(AlertIncident.Happened);
        return services.AddAlerts(options);
    }

    public static void UsePrivacy(this IApplicationBuilder app) => app.UseCrossOrigin("/api/privacy/consent");

    public static void MapPrivacy(this IEndpointRouteBuilder app)
    {
        app.MapWellKnown();
        app.MapRights();
        app.MapRequests();
        app.MapConsents();
        app.MapMarketing();
        app.MapPrivacyFiles();
        app.MapBreaches();
    }
}
