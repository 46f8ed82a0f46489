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
    /// <summary>
    /// A consent is to a purpose and to those who receive the data. So it is to be renewed when a purpose comes to rest on consent, when who decides
    /// about such a purpose changes, or when somebody new receives data while a purpose rests on consent.
    /// </summary>
    public static bool IsNeeded(PolicyChange change)
    {
        var (before, after) = (Purposes(change.Before), Purposes(change.After));
        return after.Except(before).Any()
            || after.Count > 0 && Listed(change.After).Except(Listed(change.Before), StringComparer.OrdinalIgnoreCase).Any();
    }

    /// <summary>Marks, once, what each published version since the workspace was under the policy asks to be renewed.</summary>
    /// <param name="versions">Of the policy, newest first.</param>
    public static async Task PlanAsync(WorkspaceContext ctx, IReadOnlyList<PublishedVersion> versions, CancellationToken ct)
    {
        var under = await ctx.ScalarAsync<DateTimeOffset>(
            $"select coalesce(p.since, w.created_at) from kernel.workspace w left join kernel.workspace_policy p on true",
            ct
        );
        for (var index = 0; index < versions.Count - 1; index++)
        {
            var (after, before) = (versions[index], versions[index + 1]);
            if (after.PublishedAt > under && IsNeeded(PolicyChange.Between(before.Policy, after.Policy)))
            {
                var start = new DateTimeOffset(after.Policy.Effective, TimeOnly.MinValue, TimeSpan.Zero);
                await MarkAsync(ctx, after.Policy, start > after.PublishedAt ? start : after.PublishedAt, ct);
            }
        }
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
        await ctx.ScalarAsync<DateTimeOffset?>($"select max(due_at) from privacy.consent_renewal where due_at <= {ctx.Now}", ct)
        ?? DateTimeOffset.MinValue;

    /// <summary>When what is agreed to now is to be renewed, as far as is known.</summary>
    public static Task<DateTimeOffset?> NextAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ScalarAsync<DateTimeOffset?>($"select min(due_at) from privacy.consent_renewal where due_at > {ctx.Now}", ct);

    /// <summary>Persons whose latest choice is a yes that was given before a moment, and so counts no more from it on.</summary>
    public static Task<long> CountAsync(WorkspaceContext ctx, DateTimeOffset due, CancellationToken ct) =>
        ctx.ScalarAsync<long>(
            $"""
            select count(*) from (select distinct on (person) analytics, preferences, at from privacy.consent order by person, at desc) latest
             where (analytics or preferences) and at < {due}
            """,
            ct
        );

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
