using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>
/// Puts versions in force. The first version of a policy takes effect on its date; a later one that changes what was promised, only after the
/// notice that the version in force promises.
/// </summary>
public sealed class PublishPolicy(SystemScope system, PolicyBook book)
{
    /// <summary>Publishes a version. Publishing the same text again changes nothing.</summary>
    /// <param name="files">The policy's own file first, then others that it may extend: name and bytes.</param>
    /// <param name="effective">The day it takes effect in place of the file's; a draft's is the first possible one.</param>
    /// <exception cref="PolicyFileException">It is faulty, or this deployment cannot keep it.</exception>
    /// <exception cref="RuleException">The version was published with another text, or would take effect without its notice.</exception>
    public async Task<PublishedVersion> RunAsync(
        IReadOnlyList<(string Name, byte[] Bytes)> files,
        DateOnly? effective,
        CancellationToken ct
    )
    {
        var (policy, used) = book.ReadWith(files);
        return await PublishAsync(policy, used, (_, earliest) => effective ?? Later(policy.Effective, earliest, policy), ct);

        // A day that has passed means: as soon as possible, which for a material change is not what the file says.
        static DateOnly Later(DateOnly written, Day earliest, Policy policy) =>
            written >= earliest.First ? written
            : earliest.IsMaterial ? throw TooEarly(policy, written, earliest.First)
            : earliest.First;
    }

    /// <summary>Publishes the draft of a policy, on the first day on which it may take effect unless another one is named.</summary>
    /// <inheritdoc cref="RunAsync" path="/exception"/>
    /// <exception cref="NotFoundException">There is no draft of this name.</exception>
    public async Task<PublishedVersion> RunAsync(string name, DateOnly? effective, CancellationToken ct)
    {
        var files =
            await system.RunAsync(s => s.ScalarAsync<string>($"select files::text from kernel.policy_draft where name = {name}", ct), ct)
            ?? throw new NotFoundException("draft");
        var (policy, used) = book.ReadWith(PolicyFilesJson.Read(files));
        return await PublishAsync(policy, used, (_, earliest) => effective ?? earliest.First, ct);
    }

    private async Task<PublishedVersion> PublishAsync(
        Policy policy,
        IReadOnlyList<(string Name, byte[] Bytes)> used,
        Func<Policy, Day, DateOnly> choose,
        CancellationToken ct
    )
    {
        DemandKeepable(policy);
        var json = PolicyFilesJson.Write(used);
        var published = await system.RunAsync(
            async s =>
            {
                // One at a time: what a version is compared with must not change meanwhile.
                await s.ExecuteAsync($"select pg_advisory_xact_lock(hashtext({"policy:" + policy.Name}))", ct);
                if (await IsPublishedAsync(s, policy, json, ct) is { } already)
                {
                    return already;
                }
                book.Forget();
                var today = DateOnly.FromDateTime(s.Now.UtcDateTime);
                var versions = await book.VersionsAsync(policy.Name, ct);
                if (versions.FirstOrDefault(version => version.Policy.Effective > today) is { } announced)
                {
                    throw new RuleException(
                        "version",
                        $"{policy.Name} {announced.Policy.Version} is announced and takes effect on {announced.Policy.Effective:yyyy-MM-dd}. Publish the next one after that day."
                    );
                }
                var change = versions.Count == 0 ? null : PolicyChange.Between(versions[0].Policy, policy);
                var first = change?.Earliest(s.Now) ?? policy.Effective;
                var effective = choose(policy, new Day(first, change?.IsMaterial == true));
                if (change is not null && effective < first)
                {
                    throw TooEarly(policy, effective, first);
                }
                await s.ExecuteAsync(
                    $"""
                    insert into kernel.policy_version (name, version, files, effective, published_at, replaces, material)
                    values ({policy.Name}, {policy.Version}, {json}::jsonb, {effective}, {s.Now}, {change?.Before.Version}, {change?.IsMaterial
                        == true})
                    """,
                    ct
                );
                await s.ExecuteAsync($"delete from kernel.policy_draft where name = {policy.Name} and version = {policy.Version}", ct);
                return new PublishedVersion(
                    policy with
                    {
                        Effective = effective,
                    },
                    s.Now,
                    change?.Before.Version,
                    change?.IsMaterial == true
                );
            },
            ct
        );
        book.Forget();
        return published;
    }

    /// <exception cref="PolicyFileException">This deployment cannot keep it.</exception>
    private static void DemandKeepable(Policy policy)
    {
        var refused = policy
            .Claims.Select(found => (found.Promise, Why: found.Claim.Kind.Refuses(found.Claim)))
            .Where(found => found.Why is not null)
            .Select(found => new PolicyFault(found.Promise.File, found.Promise.Line, found.Promise.Id, found.Why!))
            .ToList();
        if (refused.Count > 0)
        {
            throw new PolicyFileException(refused);
        }
    }

    private static async Task<PublishedVersion?> IsPublishedAsync(SystemContext s, Policy policy, string json, CancellationToken ct)
    {
        var known = await s.FirstOrDefaultAsync<(bool Same, PublishedVersion Version)?>(
            $"""
            select files = {json}::jsonb, effective, published_at, replaces, material
              from kernel.policy_version where name = {policy.Name} and version = {policy.Version}
            """,
            row =>
                (
                    row.GetBoolean(0),
                    new PublishedVersion(
                        policy with
                        {
                            Effective = row.GetFieldValue<DateOnly>(1),
                        },
                        row.GetFieldValue<DateTimeOffset>(2),
                        row.TextOrNull(3),
                        row.GetBoolean(4)
                    )
                ),
            ct
        );
        return known is not { } found ? null
            : found.Same ? found.Version
            : throw new RuleException(
                "version",
                $"{policy.Name} {policy.Version} was published with another text. Raise its version: what was promised stays as it was."
            );
    }

    private static RuleException TooEarly(Policy policy, DateOnly effective, DateOnly first) =>
        new(
            "effective",
            $"{policy.Name} {policy.Version} changes what was promised and cannot take effect on {effective:yyyy-MM-dd}: the version in force promises notice. The first possible day is {first:yyyy-MM-dd}; name it as effective."
        );

    private readonly record struct Day(DateOnly First, bool IsMaterial);
}
