using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Public;

namespace Tenet.Privacy.Trust;

/// <summary>Puts together what the public pages show.</summary>
internal sealed class TrustSheets(
    WorkspaceDirectory directory,
    WorkspaceScope door,
    PolicyBook book,
    PromiseLedger ledger,
    DeploymentLedger deployment,
    OperatorOptions options,
    TimeProvider time
)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    // One for each policy in force: to sum up all workspaces takes longer than to show one.
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, TrustSheet> _ofDeployment = new(StringComparer.Ordinal);

    /// <returns>Null for a name that is unknown or belongs to a closed workspace.</returns>
    public async Task<PublicSubject?> FindAsync(string slug, CancellationToken ct)
    {
        if (slug.Length > 63 || await directory.FindAsync(slug, ct) is not { ClosedAt: null } workspace)
        {
            return null;
        }
        var policy = await book.OfAsync(workspace.Id, ct);
        var upcoming = await book.UpcomingAsync(policy.Name, ct);
        return new PublicSubject(workspace.Name, "/trust/" + workspace.Slug, workspace, policy, upcoming);
    }

    /// <param name="name">A policy in force; null for the one that new workspaces are under.</param>
    /// <returns>Null when no such policy is in force here.</returns>
    public async Task<PublicSubject?> OfInstallationAsync(string? name, CancellationToken ct)
    {
        name ??= book.DefaultName;
        return (await book.InForceAsync(ct)).FirstOrDefault(policy => policy.Name == name) is { } policy
            ? new PublicSubject(options.Name ?? "This installation of Tenet", "/trust", null, policy, await book.UpcomingAsync(name, ct))
            : null;
    }

    /// <summary>With what the probes saw.</summary>
    public async Task<TrustSheet> ReadAsync(PublicSubject subject, CancellationToken ct) =>
        subject.Workspace is { } workspace ? await OfWorkspaceAsync(subject, workspace.Id, ct) : await OfDeploymentAsync(subject, ct);

    private Task<TrustSheet> OfWorkspaceAsync(PublicSubject subject, Guid workspaceId, CancellationToken ct) =>
        door.RunAsync(
            workspaceId,
            Actor.System,
            async ctx => new TrustSheet(
                subject,
                await ledger.ReadAsync(ctx, subject.Policy, ct),
                await PromiseLedger.HistoryAsync(ctx, ct),
                ctx.Now
            ),
            ct
        );

    private async Task<TrustSheet> OfDeploymentAsync(PublicSubject subject, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (_ofDeployment.TryGetValue(subject.Policy.Name, out var known) && known.At + Kept > now && known.Subject == subject)
        {
            return known;
        }
        var report = await deployment.ReadAsync(subject.Policy, ct);
        var others = (await book.InForceAsync(ct)).Where(other => other.Name != subject.Policy.Name);
        return _ofDeployment[subject.Policy.Name] = new TrustSheet(subject, report.Promises, report.History, now) { Others = [.. others] };
    }
}
