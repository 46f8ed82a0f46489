using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Closings;

/// <summary>The end of a workspace.</summary>
internal static class ClosingServices
{
    public static IServiceCollection AddClosings(this IServiceCollection services)
    {
        services.AddSingleton<CloseWorkspace>().AddSingleton<PurgeRows>().AddSingleton<CertifyClosing>().AddSingleton<InstallationKeys>();
        // What was promised to somebody who left is not given up.
        services.AddJob<PurgeWorkspace>(PurgeWorkspace.Kind, maxAttempts: 1000, title: "Delete a closed workspace");
        services.AddClaimKind(p => new WorkspacePurge(p.GetRequiredService<DataMap>()));
        services.AddSingleton(new NavEntry("Export and close", "/settings/data", 96, Access.Owner));
        services.AddLifeClock(
            new LifeClock(
                "privacy.closings",
                LifeClock.Installation,
                _ => Sql.Constant("select count(*) from kernel.installation where id <> 1")
            )
            {
                OfDeployment = true,
            }
        );
        return services.AddRecords(records =>
            records
                .Add<Closing>()
                .Add<ClosingPart>()
                .Add<ClosingOutcome>()
                .Add<InstallationKey>()
                .Rule("privacy.closings", "without an end: that a workspace was deleted, when and how, never what was in it")
        );
    }
}
