using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel;

/// <summary>By what the ends of the kernel's own records are measured. How long they are kept stands in the policies.</summary>
internal static class KernelClocks
{
    public const string SavedAnswers = "kernel.saved_answers";

    public static void AddKernelClocks(this IServiceCollection services)
    {
        services.AddRetentionClock(
            new RetentionClock(
                "kernel.events",
                "after they were written",
                look => $"select count(*) from (select from kernel.event where at < {look.Before} limit 1000) late"
            )
            {
                OfDeployment = true,
                Ends = new("kernel.event", before => $"at < {before}"),
            }
        );
        services.AddRetentionClock(
            new RetentionClock(
                "kernel.mail",
                "after they were sent or given up",
                look =>
                    $"select count(*) from (select from kernel.mail where coalesce(sent_at, dead_at, created_at) < {look.Before} and (sent_at is not null or dead_at is not null or attempt = 0) limit 1000) late"
            )
            {
                OfDeployment = true,
                // Those that no relay ever took belong to the development mailbox.
                Ends = new(
                    "kernel.mail",
                    before =>
                        $"coalesce(sent_at, dead_at, created_at) < {before} and (sent_at is not null or dead_at is not null or attempt = 0)"
                ),
            }
        );
        services.AddRetentionClock(
            new RetentionClock(
                Http.RecipientLedger.Rule,
                "after they were called last",
                look => $"select count(*) from (select from kernel.recipient where last_at < {look.Before} limit 1000) late"
            )
            {
                OfDeployment = true,
                Ends = new("kernel.recipient", before => $"last_at < {before}"),
            }
        );
        services.AddRetentionClock(
            new RetentionClock(
                "kernel.rate_windows",
                "after the last request",
                look => $"select count(*) from (select from kernel.rate_window where begun_at < {look.Before} limit 1000) late"
            )
            {
                OfDeployment = true,
                Ends = new("kernel.rate_window", before => $"begun_at < {before}"),
            }
        );
        services.AddRetentionClock(
            new RetentionClock(
                SavedAnswers,
                "after the request",
                // Written with their end, so one that would end too late counts as well.
                look =>
                    $"select count(*) from (select from kernel.saved_answer where expires_at < {look.Now - look.Grace} or expires_at > {look.Keep.After(look.Now) + look.Grace} limit 1000) late"
            )
            {
                Title = "Answers kept for requests that are sent again",
            }
        );
        services.AddRetentionClock(
            new RetentionClock(
                "kernel.blobs",
                "after they came, while they belong to nothing",
                look =>
                    $"select count(*) from (select from kernel.blob where kept_at is null and created_at < {look.Before} limit 1000) late"
            )
            {
                Title = "Files that belong to nothing",
                Ends = new("kernel.blob", before => $"kept_at is null and created_at < {before}"),
            }
        );
        services.AddLifeClock(
            LifeClock.OfWorkspace("kernel.workspaces", "kernel.promise_state", "kernel.promise_day", "kernel.attestation")
        );
        services.AddLifeClock(
            LifeClock.OfWorkspace(
                Subjects.Restrictions.Rule,
                "kernel.restriction",
                "kernel.objection",
                "kernel.stopped_purpose",
                "kernel.purpose_basis"
            )
        );
        services.AddLifeClock(LifeClock.OfWorkspace(Subjects.RefusedIdentifiers.Rule, "kernel.refused_identifier"));
        services.AddLifeClock(LifeClock.OfWorkspace("kernel.jobs", "kernel.job", "kernel.schedule"));
        services.AddLifeClock(LifeClock.OfWorkspace("audit.proofs", "audit.link", "audit.head", "audit.node"));
        services.AddLifeClock(
            new LifeClock(
                "vault.keys",
                LifeClock.Workspace,
                before =>
                    $"select count(*) from vault.workspace_key where wrapped is not null and exists (select from kernel.workspace where closed_at < {before})"
            )
        );
        services.AddLifeClock(
            new LifeClock(
                "kernel.installation",
                LifeClock.Installation,
                _ => Sql.Constant("select count(*) from kernel.installation where id <> 1")
            )
            {
                OfDeployment = true,
            }
        );
    }
}
