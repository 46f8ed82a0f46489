using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Notices;

/// <summary>Whoever is under a policy hears of what it changes as long before as the version before promised.</summary>
internal sealed class ChangeNotice(Lazy<PolicyBook> book)
    : ClaimKind("change_notice", "Changes of what is promised were announced as long before they took effect as the policy's notice says.")
{
    // Letters leave with the next round of the probes.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private const string Statement = """
        select w.created_at, p.since, n.version, n.announced_at from kernel.workspace w
          left join kernel.workspace_policy p on true left join kernel.policy_notice n on n.name = $1
        """;

    public override string Limits => "It shows when letters were handed to the mail relay, not whether somebody read them.";

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var versions = await book.Value.VersionsAsync(run.Policy.Name, ct);
        var (under, told) = await run.LookAsync(ctx => ToldAsync(ctx, run.Policy.Name, ct), ct);
        var violations = new List<string>();
        for (var index = 0; index < versions.Count - 1; index++)
        {
            var change = PolicyChange.Between(versions[index + 1].Policy, versions[index].Policy);
            if (change.IsMaterial && versions[index].Policy.Effective.AddYears(1) >= DateOnly.FromDateTime(run.Now.UtcDateTime))
            {
                violations.AddRange(Violations(versions[index], change.Before.Notice, under, told, run.Now));
            }
        }
        return Finding.Of(
            violations,
            versions.Count == 1
                ? $"There is one version, and so no change; the next one is announced {run.Policy.Notice} ahead."
                : $"{versions.Count} versions; no change took effect sooner than its notice allows.",
            versions.Count,
            Statement
        );
    }

    private static IEnumerable<string> Violations(
        PublishedVersion version,
        Period notice,
        DateTimeOffset under,
        IReadOnlyDictionary<string, DateTimeOffset> told,
        DateTimeOffset now
    )
    {
        var name = $"{version.Policy.Name} {version.Policy.Version}";
        var start = new DateTimeOffset(version.Policy.Effective, TimeOnly.MinValue, TimeSpan.Zero);
        if (notice.After(version.PublishedAt) > start)
        {
            yield return $"{name} was published on {version.PublishedAt:yyyy-MM-dd} and takes effect on {start:yyyy-MM-dd}: less than {notice}.";
        }
        // Who came later accepted what was announced already.
        if (under >= version.PublishedAt)
        {
            yield break;
        }
        if (!told.TryGetValue(version.Policy.Version, out var at))
        {
            if (now > version.PublishedAt + Grace)
            {
                yield return $"{name} was not announced to this workspace.";
            }
        }
        else if (notice.After(at) > start + Grace)
        {
            yield return $"{name} was announced here on {at:yyyy-MM-dd} and takes effect on {start:yyyy-MM-dd}: less than {notice}.";
        }
    }

    /// <returns>Since when the workspace is under the policy, and when it was told of which version.</returns>
    private static async Task<(DateTimeOffset Under, IReadOnlyDictionary<string, DateTimeOffset> Told)> ToldAsync(
        WorkspaceContext ctx,
        string name,
        CancellationToken ct
    )
    {
        var rows = await ctx.ListAsync(
            $"""
            select coalesce(p.since, w.created_at), n.version, n.announced_at from kernel.workspace w
              left join kernel.workspace_policy p on true left join kernel.policy_notice n on n.name = {name}
            """,
            row =>
                (
                    Under: row.GetFieldValue<DateTimeOffset>(0),
                    Version: row.TextOrNull(1),
                    At: row.IsDBNull(2) ? default : row.GetFieldValue<DateTimeOffset>(2)
                ),
            ct
        );
        return (
            rows[0].Under,
            rows.Where(row => row.Version is not null).ToDictionary(row => row.Version!, row => row.At, StringComparer.Ordinal)
        );
    }
}
