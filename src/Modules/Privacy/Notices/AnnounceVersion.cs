using Tenet.Accounts;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Consents;

namespace Tenet.Privacy.Notices;

/// <summary>
/// Tells a workspace's owners and admins, once, of the version that is to come, and marks the consents that it takes the ground from.
/// </summary>
internal sealed class AnnounceVersion(WorkspaceScope door, PolicyBook book, Mailer mailer, PublicAddress address)
{
    /// <summary>A version was announced to the workspace.</summary>
    public const string Topic = "policy.version";

    public async Task RunAsync(Guid workspaceId, Policy policy, CancellationToken ct)
    {
        var versions = await book.VersionsAsync(policy.Name, ct);
        if (versions.Count > 1)
        {
            await door.RunAsync(workspaceId, Actor.System, ctx => ConsentRenewals.PlanAsync(ctx, versions, ct), ct);
        }
        if (await book.UpcomingAsync(policy.Name, ct) is { } next)
        {
            await door.RunAsync(workspaceId, Actor.System, ctx => TellAsync(ctx, policy, next, ct), ct);
        }
    }

    private async Task TellAsync(WorkspaceContext ctx, Policy policy, PublishedVersion next, CancellationToken ct)
    {
        var people = await Responsible.ListAsync(ctx, ct);
        var told = await ctx.ExecuteAsync(
            $"""
            insert into kernel.policy_notice (name, version, announced_at, letters)
            values ({next.Policy.Name}, {next.Policy.Version}, {ctx.Now}, {people.Count}) on conflict do nothing
            """,
            ct
        );
        if (told == 0)
        {
            return;
        }
        var renewals = ConsentRenewals.IsNeeded(PolicyChange.Between(policy, next.Policy));
        foreach (var person in people)
        {
            mailer.Send(ctx, Write(person.Email, policy, next, renewals));
        }
        ctx.Audit(
            "policy.announced",
            "workspace",
            ctx.WorkspaceId,
            new
            {
                policy = next.Policy.Name,
                version = next.Policy.Version,
                letters = people.Count,
            }
        );
        ctx.Publish(Topic, ctx.WorkspaceId);
    }

    private Letter Write(string to, Policy policy, PublishedVersion next, bool renewals) =>
        new(
            to,
            $"The privacy policy changes on {next.Policy.Effective:yyyy-MM-dd}",
            $"""
            From {next.Policy.Effective:yyyy-MM-dd} on, version {next.Policy.Version} of the policy “{next.Policy.Title}” applies to your workspace, in place of {policy.Version}.
            {(next.IsMaterial ? "It changes what was promised." : "It takes nothing back of what was promised.")}{(
                renewals
                    ? " What your visitors agreed to is asked for again from that day on: what they allowed before stops to count."
                    : ""
            )}

            What changes, promise by promise, and where you accept it or choose another policy before that day:

            {new Uri(address.Own, "/policy")}

            Before that day you can also take a copy of all your data, and close the workspace:

            {new Uri(address.Own, "/settings/data")}
            """
        );
}
