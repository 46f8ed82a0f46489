using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Policies.Kinds;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Telemetry;

namespace Tenet.Kernel.Policies;

public static class PoliciesModule
{
    internal static IServiceCollection AddPolicies(this IServiceCollection services, PolicyOptions options)
    {
        services.AddSingleton(options).AddSingleton(p => new OwnHost(p.GetService<IServer>()));
        services
            .AddSingleton<PublishPolicy>()
            .AddSingleton<ShippedPolicies>()
            .AddSingleton<DeploymentLedger>()
            .AddSingleton<OperatorAttestations>();
        services
            .AddSingleton<PolicyReader>()
            .AddSingleton<PolicyBook>()
            .AddSingleton<PolicySettings>()
            .AddSingleton<Prober>()
            .AddSingleton<PromiseLedger>();
        services.AddJob<ProbeWorkspace>(ProbeWorkspace.Kind, title: "Check the promises of the policy");
        services.AddJob<SweepWorkspace>(SweepWorkspace.Kind, title: "Delete what has reached its age");
        services.AddClaimKind(_ => new Isolation());
        services.AddClaimKind(p => new Retention([.. p.GetServices<RetentionClock>()]));
        services.AddClaimKind(p => new KeptWhile(
            p.GetRequiredService<DataMap>(),
            [.. p.GetServices<LifeClock>()],
            p.GetRequiredService<Census>(),
            p.GetRequiredService<Migrator>()
        ));
        services.AddClaimKind(p => new TokenLifetime([.. p.GetServices<TokenClock>()]));
        services.AddClaimKind(p => new LogFileAge(p.GetRequiredService<TelemetryOptions>()));
        services.AddClaimKind(p => new RateLimit(p.GetRequiredService<OwnHost>(), p.GetRequiredService<RateLimitOptions>()));
        services.AddClaimKind(p => new LogContents(p.GetRequiredService<TelemetryOptions>()));
        services.AddClaimKind(p => new ErrorReportContents(p.GetRequiredService<TelemetryOptions>()));
        services.AddClaimKind(p => new OutgoingTransport(p.GetRequiredService<RecipientLedger>(), p.GetRequiredService<KernelOptions>()));
        services.AddClaimKind(p => new NeverStored(p.GetRequiredService<DataMap>()));
        services.AddClaimKind(p => new AuditPerAction(
            [.. p.GetServices<AuditedRecords>()],
            p.GetRequiredService<CheckpointStore>(),
            p.GetRequiredService<CheckpointKeys>()
        ));
        services.AddClaimKind(p => new Transport(p.GetRequiredService<OwnHost>()));
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
                .Add<SweptRows>()
                .Add<KeptCount>()
                .Add<Attestation>()
                .Add<OperatorAttestation>()
                .Add<RecipientRow>()
                .Rule(RecipientLedger.Rule, "as long after the last call as the policy says")
        );
    }

    /// <summary>Declares a kind of claim that a module keeps.</summary>
    public static IServiceCollection AddClaimKind(this IServiceCollection services, Func<IServiceProvider, ClaimKind> create) =>
        services.AddSingleton(create);

    /// <summary>Declares what a retention rule's end is measured by, so that policies can set how long.</summary>
    public static IServiceCollection AddRetentionClock(this IServiceCollection services, RetentionClock clock) =>
        services.AddSingleton(clock);

    /// <summary>Declares what records of a retention rule live with.</summary>
    public static IServiceCollection AddLifeClock(this IServiceCollection services, LifeClock clock) => services.AddSingleton(clock);

    /// <summary>Declares a kind of token whose life policies can limit.</summary>
    public static IServiceCollection AddTokenClock(this IServiceCollection services, TokenClock clock) => services.AddSingleton(clock);
}
