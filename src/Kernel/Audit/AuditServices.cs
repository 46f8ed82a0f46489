using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

internal static class AuditServices
{
    public static IServiceCollection AddAudit(this IServiceCollection services, AuditOptions options)
    {
        services.AddSingleton(options.Demanded()).AddSingleton<AuditSequencer>().AddSingleton<VerifyAudit>();
        services.AddSingleton(p => new AuditExport(
            p.GetRequiredService<WorkspaceScope>(),
            p.GetRequiredService<AuditSequencer>(),
            p.GetRequiredService<CheckpointPublisher>(),
            p.GetRequiredService<CheckpointKeys>(),
            p.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(p => new AuditProofs(
            p.GetRequiredService<WorkspaceScope>(),
            p.GetRequiredService<AuditSequencer>(),
            p.GetRequiredService<CheckpointPublisher>(),
            p.GetRequiredService<CheckpointKeys>()
        ));
        services.AddSingleton<CheckpointKeys>().AddSingleton<CheckpointPublisher>();
        services.AddSingleton(p => options.Store(p.GetRequiredService<Egress>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => options.Ledger(p.GetRequiredService<Egress>(), p.GetRequiredService<TimeProvider>()));
        // A bucket that cannot be reached for a week is no reason to give up.
        services
            .AddJob<PublishCheckpoint>(PublishCheckpoint.Kind, maxAttempts: 1000, title: "Sign the audit log")
            .AddJob<PurgeAudit>(PurgeAudit.Kind, title: "Purge old audit entries");
        services.AddRetentionClock(
            new RetentionClock(
                PurgeAudit.Rule,
                "after the action",
                look => $"select count(*) from (select from audit.entry where at < {look.Before} limit 1000) late"
            )
            {
                Title = "Entries of the audit log",
                Least = new Period(0, TimeSpan.FromDays(AuditOptions.LeastDays)),
            }
        );
        return services.AddRecords(records =>
            records
                .Add<AuditEntry>()
                .Add<AuditLink>()
                .Add<AuditDue>()
                .Add<AuditHead>()
                .Add<AuditNode>()
                .Add<AuditSigningKey>()
                .Rule(PurgeAudit.Rule, "as long as the policy says")
                .Rule("audit.proofs", "as long as the workspace exists: hashes, which say nothing once their entry is purged")
        );
    }
}
