using Tenet.Accounts;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Marketing;
using Tenet.Privacy.Notices;

namespace Tenet.Privacy.Records;

/// <summary>
/// Stops what the policy in force gives no lawful basis any more, and lets it go on when it gives one again. What an owner stopped, an owner lets
/// go on; and what an owner lets go on is not stopped a second time by the same loss.
/// </summary>
internal sealed class LapsedBases(WorkspaceScope door, Mailer mailer, PublicAddress address)
{
    public Task RunAsync(Guid workspaceId, Policy policy, CancellationToken ct) =>
        door.RunAsync(
            workspaceId,
            Actor.System,
            async ctx =>
            {
                foreach (var purpose in Purposes.Stoppable)
                {
                    var change = await PurposeBases.SeeAsync(ctx, purpose, BasisOf(policy, purpose), policy.Name, policy.Version, ct);
                    if (change is BasisChange.Lost && await Purposes.LapseAsync(ctx, purpose, ReasonOf(policy), ct))
                    {
                        await WriteAsync(ctx, policy, purpose, ct);
                    }
                    else if (change is BasisChange.Regained)
                    {
                        await Purposes.RegainAsync(ctx, purpose, ct);
                    }
                }
            },
            ct
        );

    /// <summary>Of GDPR Art. 6, as the policy says; null when it names none. A list of those who may be written to rests on their consent.</summary>
    public static string? BasisOf(Policy policy, string purpose) =>
        policy
            .Claims.Where(found => found.Claim.Kind.Name == "legal_basis" && found.Claim.Text("purpose") == purpose)
            .Select(found => found.Claim.Text("basis"))
            .LastOrDefault()
        ?? (purpose == Purposes.Marketing && OptIn.WithinOf(policy) is not null ? "consent" : null);

    private static string ReasonOf(Policy policy) => $"Version {policy.Version} of the policy {policy.Name} names no lawful basis for it.";

    private async Task WriteAsync(WorkspaceContext ctx, Policy policy, string purpose, CancellationToken ct)
    {
        var title = PurposeText.OfStoppable(purpose);
        foreach (var person in await Responsible.ListAsync(ctx, ct))
        {
            mailer.Send(
                ctx,
                new Letter(
                    person.Email,
                    $"Stopped: {title}",
                    $"""
                    {ReasonOf(policy)} So it is stopped in your workspace: {title}.

                    It goes on by itself when the policy names a basis again. If you have one that the policy does not name, you can let it go on yourself:

                    {new Uri(address.Own, "/policy/records")}
                    """
                )
            );
        }
    }
}
