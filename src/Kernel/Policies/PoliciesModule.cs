using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies.Kinds;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Policies;

public static class PoliciesModule
{
    internal static IServiceCollection AddPolicies(this IServiceCollection services, PolicyOptions options)
    {
        services.AddSingleton(options).AddSingleton(p => new OwnHost(p.GetService<IServer>()));
        services.AddRetentionClock(
            new RetentionClock(
                Events.EventRelay.KeptBy,
                before => $"select count(*) from (select from kernel.event where at < {before} limit 1000) late"
            )
        );
        services
            .AddSingleton<PublishPolicy>()
            .AddSingleton<ShippedPolicies>()
            .AddSingleton<DeploymentLedger>()
            .AddSingleton<OperatorAttestations>();
        services.AddSingleton<PolicyReader>().AddSingleton<PolicyBook>().AddSingleton<Prober>().AddSingleton<PromiseLedger>();
        services.AddJob<ProbeWorkspace>(ProbeWorkspace.Kind, title: "Check the promises of the policy");
        services.AddClaimKind(_ => new Isolation());
        services.AddClaimKind(p => new Retention([.. p.GetServices<RetentionClock>()]));
        services.AddClaimKind(p => new TokenLifetime([.. p.GetServices<TokenClock>()]));
        services.AddClaimKind(p => new EnvelopeEncryption(p.GetRequiredService<DataMap>()));
        services.AddClaimKind(p => new KeptOnly(p.GetRequiredService<DataMap>()));
        services.AddClaimKind(p => new OnlyIn(
            p.GetRequiredService<DataMap>(),
            p.GetRequiredService<Census>(),
            p.GetRequiredService<Migrator>()
        ));
        services.AddClaimKind(p => new LegalBasis(p.GetRequiredService<DataMap>()));
        services.AddClaimKind(_ => new Attested());
        return services.AddRecords(records =>
            records
                .Add<PolicyVersionRow>()
                .Add<PolicyDraftRow>()
                .Add<PolicyNoticeRow>()
                .Add<PolicyAcceptanceRow>()
                .Add<WorkspacePolicyRow>()
                .Add<PromiseStateRow>()
                .Add<PromiseDayRow>()
                .Add<Incident>()
                .Add<Attestation>()
                .Add<OperatorAttestation>()
        );
    }

    /// <summary>Declares a kind of claim that a module keeps.</summary>
    public static IServiceCollection AddClaimKind(this IServiceCollection services, Func<IServiceProvider, ClaimKind> create) =>
        services.AddSingleton(create);

    /// <summary>Declares what a retention rule's end is measured by, so that policies can set how long.</summary>
    public static IServiceCollection AddRetentionClock(this IServiceCollection services, RetentionClock clock) =>
        services.AddSingleton(clock);

    /// <summary>Declares a kind of token whose life policies can limit.</summary>
    public static IServiceCollection AddTokenClock(this IServiceCollection services, TokenClock clock) => services.AddSingleton(clock);
}
