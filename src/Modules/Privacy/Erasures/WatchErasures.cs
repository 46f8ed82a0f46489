using Tenet.Accounts;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Notices;

namespace Tenet.Privacy.Erasures;

/// <summary>Writes to owners and admins, once for each, when a quarter of the time of an erasure, or of a request for one, is left.</summary>
internal sealed class WatchErasures(WorkspaceScope door, Mailer mailer, PublicAddress address)
{
    public Task RunAsync(Guid workspaceId, Policy policy, CancellationToken ct) =>
        door.RunAsync(workspaceId, Actor.System, ctx => WarnAsync(ctx, ct), ct);

    private async Task WarnAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var erasures = await ctx.ListAsync(
            $"""
            update privacy.erasure set warned_at = {ctx.Now}
             where state <> 'done' and warned_at is null and due_at - (due_at - created_at) / 4 < {ctx.Now} returning id, due_at
            """,
            row => new Due(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), "erasure"),
            ct
        );
        var requests = await ctx.ListAsync(
            $"""
            update privacy.request set warned_at = {ctx.Now}
             where closed_at is null and verified_at is not null and kind in ('erasure', 'delete')
               and warned_at is null and due_at - (due_at - received_at) / 4 < {ctx.Now} returning id, due_at
            """,
            row => new Due(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), "request"),
            ct
        );
        Due[] near = [.. erasures, .. requests];
        if (near.Length == 0)
        {
            return;
        }
        var people = await Responsible.ListAsync(ctx, ct);
        foreach (var due in near)
        {
            foreach (var person in people)
            {
                mailer.Send(ctx, Write(person.Email, due));
            }
            ctx.Audit("erasure.due_soon", due.Of, due.Id, new { letters = people.Count });
        }
    }

    private Letter Write(string to, Due due) =>
        new(
            to,
            due.Of == "erasure" ? "An erasure has to be complete soon" : "A person has to be erased soon",
            due.Of == "erasure"
                ? $"""
                An erasure is under way and is not complete. By the policy of your workspace it has to be by {due.At:yyyy-MM-dd HH:mm} UTC.

                Where it stands, and which place could not be reached:

                {new Uri(address.Own, $"/rights/erasures/{due.Id}")}
                """
                : $"""
                Somebody who proved who they are asked to be erased, and the request is open. By the policy of your workspace, or by law, it has to be done by {due.At:yyyy-MM-dd HH:mm} UTC.

                {new Uri(address.Own, $"/rights/requests/{due.Id}")}
                """
        );

    private sealed record Due(Guid Id, DateTimeOffset At, string Of);
}
