using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Consents;

namespace Tenet.Privacy.Choice;

/// <summary>Who accepted a version for the workspace, and when.</summary>
public sealed record Acceptance(string Name, string Version, Guid AcceptedBy, DateTimeOffset At);

/// <summary>A workspace accepts a version, or goes over to another policy. Both are written down: who, when, which version.</summary>
internal sealed class PolicyChoice(PolicyBook book)
{
    /// <summary>The first acceptance of each version, newest first.</summary>
    public static Task<List<Acceptance>> ListAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"select name, version, accepted_by, accepted_at from kernel.policy_acceptance order by accepted_at desc, id desc limit 200",
            row => new Acceptance(row.GetString(0), row.GetString(1), row.GetGuid(2), row.GetFieldValue<DateTimeOffset>(3)),
            ct
        );

    /// <summary>Accepts the version in force, or the one that is announced.</summary>
    /// <exception cref="ConflictException">It is neither any more.</exception>
    public async Task AcceptAsync(WorkspaceContext ctx, string version, CancellationToken ct)
    {
        var policy = await book.OfAsync(ctx.WorkspaceId, ct);
        var upcoming = await book.UpcomingAsync(policy.Name, ct);
        var accepted =
            policy.Version == version ? policy
            : upcoming?.Policy.Version == version ? upcoming.Policy
            : throw new ConflictException("Another version is in force meanwhile. Reload the page and read what changed.");
        await WriteAsync(ctx, accepted, ct);
    }

    /// <summary>Goes over to another policy, at once: its own workspace decides, and knows what it changes.</summary>
    /// <exception cref="NotFoundException">No version of it is in force.</exception>
    public async Task ChangeAsync(WorkspaceContext ctx, string name, CancellationToken ct)
    {
        var before = await book.OfAsync(ctx.WorkspaceId, ct);
        var after = (await OthersAsync(before, ct)).FirstOrDefault(policy => policy.Name == name) ?? throw new NotFoundException("policy");
        await ctx.ExecuteAsync(
            $"""
            insert into kernel.workspace_policy (name, version, since, accepted_by)
            values ({after.Name}, {after.Version}, {ctx.Now}, {ctx.Actor.Id})
            on conflict (workspace_id) do update
              set name = excluded.name, version = excluded.version, since = excluded.since, accepted_by = excluded.accepted_by
            """,
            ct
        );
        ctx.Audit(
            "policy.changed",
            "workspace",
            ctx.WorkspaceId,
            new
            {
                from = before.Name,
                to = after.Name,
                version = after.Version,
            }
        );
        await WriteAsync(ctx, after, ct);
        await ConsentRenewals.ChangedAsync(ctx, PolicyChange.Between(before, after), ct);
        ctx.Publish(PromiseLedger.Topic, ctx.WorkspaceId);
    }

    /// <summary>What a workspace could go over to. The rules of the house are no policy of their own.</summary>
    public async Task<IReadOnlyList<Policy>> OthersAsync(Policy current, CancellationToken ct) =>
        [
            .. (await book.PublishedAsync(ct))
                .DistinctBy(policy => policy.Name, StringComparer.Ordinal)
                .Where(policy => policy.Name != current.Name && policy.Name != House)
                .OrderBy(policy => policy.Title, StringComparer.OrdinalIgnoreCase),
        ];

    private const string House = "house";

    private static async Task WriteAsync(WorkspaceContext ctx, Policy policy, CancellationToken ct)
    {
        var by = ctx.Actor is { Kind: ActorKind.Member, Id: { } member }
            ? member
            : throw new ConflictException("Only a member can accept.");
        await ctx.ExecuteAsync(
            $"""
            insert into kernel.policy_acceptance (id, name, version, accepted_by, accepted_at)
            values ({Guid.CreateVersion7(ctx.Now)}, {policy.Name}, {policy.Version}, {by}, {ctx.Now})
            """,
            ct
        );
        ctx.Audit("policy.accepted", "workspace", ctx.WorkspaceId, new { policy = policy.Name, version = policy.Version });
    }
}
