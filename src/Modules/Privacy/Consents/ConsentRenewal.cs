using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Recipients;

namespace Tenet.Privacy.Consents;

/// <summary>From a moment on, what was agreed to before counts no more: the policy that it rested on changes.</summary>
[Record("privacy.consent_renewal", Purpose.Accountability, Keep = GiveConsent.Rule)]
internal sealed record ConsentRenewal
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>Name and version that the change brings.</summary>
    [Operational]
    public required string Policy { get; init; }

    [Operational]
    public required string Version { get; init; }

    [Operational]
    public required DateTimeOffset DueAt { get; init; }

    [Operational]
    public required DateTimeOffset DecidedAt { get; init; }
}

/// <summary>Marks the consents of persons that a change of policy takes the ground from.</summary>
internal static class ConsentRenewals
{
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>
    /// A consent is to a purpose and to those who receive the data. So it is to be renewed when a purpose comes to rest on consent, when who decides
    /// about such a purpose changes, or when somebody new receives data while a purpose rests on consent.
    /// </summary>
    public static bool IsNeeded(PolicyChange change)
    {
        var (before, after) = (Purposes(change.Before), Purposes(change.After));
        return after.Except(before, StringComparer.Ordinal).Any()
            || after.Count > 0 && Listed(change.After).Except(Listed(change.Before), StringComparer.OrdinalIgnoreCase).Any();
    }

    /// <summary>Marks, once, what each published version since the workspace was under the policy asks to be renewed.</summary>
    /// <param name="versions">Of the policy, newest first.</param>
    public static async Task PlanAsync(WorkspaceContext ctx, IReadOnlyList<PublishedVersion> versions, CancellationToken ct)
    {
        foreach (var (policy, _, dueAt) in Asking(versions, await UnderAsync(ctx, ct)))
        {
            await MarkAsync(ctx, policy, dueAt, ct);
        }
    }

    /// <summary>Published versions that ask for a renewal which is not marked, or not for its day: consents of before would go on to count.</summary>
    /// <param name="versions">Of the policy, newest first.</param>
    public static async Task<IReadOnlyList<string>> UnmarkedAsync(
        WorkspaceContext ctx,
        IReadOnlyList<PublishedVersion> versions,
        CancellationToken ct
    )
    {
        var under = await UnderAsync(ctx, ct);
        var marked = await ctx.ListAsync(
            $"select policy, version, due_at from privacy.consent_renewal",
            row => (row.GetString(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)),
            ct
        );
        return
        [
            .. Asking(versions, under)
                .Where(asked => !marked.Contains((asked.Policy.Name, asked.Policy.Version, asked.DueAt)))
                // Marks are made with the next round of the probes.
                .Where(asked => asked.PublishedAt + Grace < ctx.Now)
                .Select(asked => asked.Policy.Version),
        ];
    }

    /// <summary>The workspace went over to another policy, at once.</summary>
    public static async Task ChangedAsync(WorkspaceContext ctx, PolicyChange change, CancellationToken ct)
    {
        if (IsNeeded(change))
        {
            await MarkAsync(ctx, change.After, ctx.Now, ct);
        }
    }

    /// <summary>What was agreed to before this moment counts no more; the beginning of time when nothing was to be renewed.</summary>
    public static async Task<DateTimeOffset> DueAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await MomentAsync(ctx, $"select max(due_at) from privacy.consent_renewal where due_at <= {ctx.Now}", ct) ?? DateTimeOffset.MinValue;

    /// <summary>When what is agreed to now is to be renewed, as far as is known.</summary>
    public static Task<DateTimeOffset?> NextAsync(WorkspaceContext ctx, CancellationToken ct) =>
        MomentAsync(ctx, $"select min(due_at) from privacy.consent_renewal where due_at > {ctx.Now}", ct);

    /// <summary>Persons whose latest choice is a yes that was given before a moment, and so counts no more from it on.</summary>
    public static Task<long> CountAsync(WorkspaceContext ctx, DateTimeOffset due, CancellationToken ct) =>
        ctx.ScalarAsync<long>(
            $"""
            select count(*) from (select distinct on (person) analytics, preferences, at from privacy.consent order by person, at desc) latest
             where (analytics or preferences) and at < {due}
            """,
            ct
        );

    private static async Task<DateTimeOffset> UnderAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await MomentAsync(
            ctx,
            $"select coalesce(p.since, w.created_at) from kernel.workspace w left join kernel.workspace_policy p on true",
            ct
        ) ?? ctx.Now;

    private static Task<DateTimeOffset?> MomentAsync(WorkspaceContext ctx, Sql select, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync<DateTimeOffset?>(select, row => row.ValueOrNull<DateTimeOffset>(0), ct);

    // Who came later agreed to what was published already.
    private static IEnumerable<(Policy Policy, DateTimeOffset PublishedAt, DateTimeOffset DueAt)> Asking(
        IReadOnlyList<PublishedVersion> versions,
        DateTimeOffset under
    )
    {
        foreach (var (after, before) in versions.Zip(versions.Skip(1)))
        {
            if (after.PublishedAt > under && IsNeeded(PolicyChange.Between(before.Policy, after.Policy)))
            {
                var start = new DateTimeOffset(after.Policy.Effective, TimeOnly.MinValue, TimeSpan.Zero);
                yield return (after.Policy, after.PublishedAt, start > after.PublishedAt ? start : after.PublishedAt);
            }
        }
    }

    private static async Task MarkAsync(WorkspaceContext ctx, Policy policy, DateTimeOffset due, CancellationToken ct)
    {
        var marked = await ctx.ExecuteAsync(
            $"""
            insert into privacy.consent_renewal (id, policy, version, due_at, decided_at)
            values ({Guid.CreateVersion7(ctx.Now)}, {policy.Name}, {policy.Version}, {due}, {ctx.Now})
            on conflict (workspace_id, policy, version, due_at) do nothing
            """,
            ct
        );
        if (marked > 0)
        {
            ctx.Audit(
                "consent.renewal_due",
                "workspace",
                ctx.WorkspaceId,
                new
                {
                    policy = policy.Name,
                    version = policy.Version,
                    persons = await CountAsync(ctx, due, ct),
                }
            );
        }
    }

    private static HashSet<string> Purposes(Policy policy) =>
        [
            .. policy
                .Claims.Where(found => found.Claim.Kind.Name == "legal_basis" && found.Claim.Text("basis") == "consent")
                .Select(found => $"{found.Claim.Text("purpose")} {found.Claim.Text("role")}"),
        ];

    private static IEnumerable<string> Listed(Policy policy) =>
        policy
            .Claims.Where(found => found.Claim.Kind is Subprocessors)
            .SelectMany(found => found.Claim.Values.GetValueOrDefault("listed") as List<string> ?? []);
}
