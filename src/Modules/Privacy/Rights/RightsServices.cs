using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Children;
using Tenet.Privacy.Closings;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Exports;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Rights;

/// <summary>What persons may ask for: to be found, to get a copy, to be erased.</summary>
internal static class RightsServices
{
    public static IServiceCollection AddRights(this IServiceCollection services)
    {
        services.AddSingleton<Subjects>().AddSingleton<ErasureLedger>().AddSingleton<BeginErasure>();
        services
            .AddSingleton<MarkChild>()
            .AddClaimKind(p => new ChildrenKeptOut(p.GetRequiredService<RefusedIdentifiers>(), p.GetRequiredService<Census>()));
        services.AddSingleton(p => new ReplayErasures(
            p.GetRequiredService<WorkspaceScope>(),
            p.GetRequiredService<Census>(),
            p.GetRequiredService<ErasureLedger>(),
            p.GetRequiredService<BeginErasure>(),
            p.GetRequiredService<CloseWorkspace>(),
            p.GetRequiredService<ResumeErased>()
        ));
        services.AddClaimKind(_ => new ErasureDeadline());
        services.AddSingleton<WatchErasures>().AddSingleton<PolicyRound>(p => p.GetRequiredService<WatchErasures>().RunAsync);
        services.AddSingleton<DeleteRows>().AddSingleton<VerifyErasure>();
        services.AddSingleton<CertificateKeys>().AddSingleton<IssueCertificate>();
        services.AddSingleton<BeginPersonExport>().AddSingleton<PersonRows>().AddSingleton<WritePersonFile>();
        services.AddClaimKind(p => new WorkspaceExportClaim(p.GetRequiredService<DataMap>()));
        services.AddSingleton<BeginWorkspaceExport>().AddSingleton<CopyRows>().AddSingleton<WriteWorkspaceFile>();
        services.AddJob<MakeWorkspaceExport>(MakeWorkspaceExport.Kind, title: "Make a copy of the workspace");
        services.AddJob<ExpireWorkspaceExport>(ExpireWorkspaceExport.Kind, title: "Delete a copy of the workspace that nobody fetched");
        services.AddJob<MakePersonExport>(MakePersonExport.Kind, title: "Make a person's copy of their data");
        services.AddJob<ExpirePersonExport>(ExpirePersonExport.Kind, title: "Delete a copy that nobody fetched");
        services.AddSingleton(p => new SubjectStore(
            "privacy.person_export",
            "copies that are still to be made called off; those that are made go with the person's files",
            (workspace, person, ct) =>
                p.GetRequiredService<WorkspaceScope>()
                    .RunAsync(
                        workspace,
                        Actor.System,
                        ctx => ctx.ScalarAsync<long>($"select count(*) from privacy.person_export where persons && {person.Rows}", ct),
                        ct
                    ),
            (workspace, person, ct) =>
                p.GetRequiredService<WorkspaceScope>()
                    .RunAsync(
                        workspace,
                        Actor.System,
                        ctx =>
                            ctx.ExecuteAsync(
                                $"update privacy.person_export set state = 'expired', persons = null where persons && {person.Rows}",
                                ct
                            ),
                        ct
                    )
        ));
        services.AddRetentionClock(
            new RetentionClock(
                BeginPersonExport.Rule,
                "after they were asked for",
                // Written with their end, so one that would end too late counts as well.
                look =>
                    $"""
                        select (select count(*) from (select from privacy.person_export where blob_id is not null and (expires_at < {look.Now
                            - look.Grace} or expires_at > {look.Keep.After(look.Now) + look.Grace}) limit 1000) late)
                             + (select count(*) from (select from privacy.workspace_export where blob_id is not null and (expires_at < {look.Now
                            - look.Grace} or expires_at > {look.Keep.After(look.Now) + look.Grace}) limit 1000) late)
                        """
            )
            {
                Title = "Copies of data that nobody fetched",
            }
        );
        services.AddLifeClock(LifeClock.OfWorkspace("privacy.erasures", "privacy.erasure", "privacy.erasure_outcome"));
        services.AddLifeClock(LifeClock.OfWorkspace("privacy.ledger", "privacy.erasure_ledger", "privacy.erasure_replay"));
        // A ledger that cannot be copied outside for days is no reason to give a person's wish up.
        services.AddJob<ErasePerson>(ErasePerson.Kind, maxAttempts: 100, title: "Erase a person");
        return services.AddRecords(records =>
            records
                .Add<Erasure>()
                .Add<ErasureOutcome>()
                .Add<LedgerEntry>()
                .Add<ErasureReplay>()
                .Add<CertificateKey>()
                .Add<PersonExport>()
                .Add<WorkspaceExport>()
                .Rule("privacy.erasures", "as long as the workspace is active: what was erased, never of whom")
                .Rule(
                    BeginPersonExport.Rule,
                    "as long as the policy says, or until the person is erased; that one was made, as long as the workspace is active"
                )
                .Rule("privacy.ledger", "as long as the workspace is active, and outside as long as a backup could bring a row back")
        );
    }

    public static void MapRights(this IEndpointRouteBuilder app)
    {
        app.MapSubjects();
        app.MapErasures();
        app.MapExports();
        app.MapWorkspaceExports();
        app.MapClosings();
    }
}
