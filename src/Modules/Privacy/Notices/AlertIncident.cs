using Tenet.Accounts;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Alerts;

namespace Tenet.Privacy.Notices;

/// <summary>
/// Writes to owners, admins and the operator that a promise does not hold, once for each incident; their receivers are also told when it is over.
/// </summary>
internal sealed class AlertIncident(
    WorkspaceScope door,
    PolicyBook book,
    Mailer mailer,
    AlertMessages messages,
    PublicAddress address,
    OperatorOptions options
) : IJob
{
    public const string Kind = "privacy.alert";

    public static void Happened(WorkspaceContext ctx, Guid incidentId) => ctx.Enqueue(Kind, incidentId);

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        var policy = await book.OfAsync(job.WorkspaceId, ct);
        await door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                if (await Incidents.FindAsync(ctx, job.SubjectId, ct) is not { } incident)
                {
                    return;
                }
                if (incident.AlertedAt is null)
                {
                    await WriteAsync(ctx, policy, incident, ct);
                    await messages.BrokenAsync(ctx, incident, ct);
                    await Incidents.AlertedAsync(ctx, incident.Id, ct);
                }
                if (incident.ClosedAt is not null)
                {
                    await AlertMessages.RecoveredAsync(ctx, incident, ct);
                }
            },
            ct
        );
    }

    private async Task WriteAsync(WorkspaceContext ctx, Policy policy, Incident incident, CancellationToken ct)
    {
        var people = await Responsible.ListAsync(ctx, ct);
        foreach (
            var to in people.Select(person => person.Email).Append(options.Mail).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)
        )
        {
            mailer.Send(ctx, Write(to, policy, incident));
        }
    }

    private Letter Write(string to, Policy policy, Incident incident) =>
        new(
            to,
            $"A promise does not hold: {incident.PromiseId}",
            $"""
            Since {incident.OpenedAt:yyyy-MM-dd HH:mm} UTC this promise of the policy {policy.Name} {policy.Version} is broken:

            {policy.Promises.FirstOrDefault(promise => promise.Id == incident.PromiseId)?.Says ?? incident.PromiseId}

            What was seen, and whether it holds again:

            {new Uri(address.Own, "/policy#" + incident.PromiseId)}

            You get one letter for each break. The public page of promises shows it too.
            """
        );
}
