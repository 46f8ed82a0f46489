using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

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
    public async Task<(Workspace Workspace, Policy Policy)?> FindAsync(string slug, CancellationToken ct) =>
        slug.Length <= 63 && await directory.FindAsync(slug, ct) is { ClosedAt: null } workspace
            ? (workspace, await book.OfAsync(workspace.Id, ct))
            : null;

    /// <returns>Null for a name that is unknown or belongs to a closed workspace.</returns>
    public async Task<TrustSheet?> OfWorkspaceAsync(string slug, CancellationToken ct)
    {
        if (await FindAsync(slug, ct) is not (var workspace, var policy))
        {
            return null;
        }
        var upcoming = await book.UpcomingAsync(policy.Name, ct);
        return await door.RunAsync(
            workspace.Id,
            Actor.System,
            async ctx => new TrustSheet(
                workspace.Name,
                "/trust/" + workspace.Slug,
                policy,
                upcoming,
                await ledger.ReadAsync(ctx, policy, ct),
                await PromiseLedger.HistoryAsync(ctx, ct),
                ctx.Now
            ),
            ct
        );
    }

    /// <param name="name">A policy in force; null for the one that new workspaces are under.</param>
    /// <returns>Null when no such policy is in force here.</returns>
    public async Task<TrustSheet?> OfDeploymentAsync(string? name, CancellationToken ct)
    {
        var inForce = await book.InForceAsync(ct);
        name ??= book.DefaultName;
        if (inForce.FirstOrDefault(policy => policy.Name == name) is not { } policy)
        {
            return null;
        }
        var now = time.GetUtcNow();
        if (_ofDeployment.TryGetValue(name, out var known) && known.At + Kept > now && known.Policy == policy)
        {
            return known;
        }
        var report = await deployment.ReadAsync(policy, ct);
        return _ofDeployment[name] = new TrustSheet(
            options.Name ?? "This installation of Tenet",
            "/trust",
            policy,
            await book.UpcomingAsync(name, ct),
            report.Promises,
            report.History,
            now
        )
        {
            Others = [.. inForce.Where(other => other != policy)],
        };
    }
}
