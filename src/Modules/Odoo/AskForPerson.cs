using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Tokens;

namespace Tenet.Odoo;

/// <summary>Tells the workspace's owners and admins that user number so-and-so asks for a person: once an hour for each chat. No text goes.</summary>
internal sealed class AskForPerson(WorkspaceScope door, Mailer mailer, PublicAddress address)
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    public Task RunAsync(CopilotCaller caller, Guid session, CancellationToken ct) =>
        door.RunAsync(
            caller.Token.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                // Two clicks at once: the second waits for the first and finds it.
                await ctx.ExecuteAsync($"select from odoo.tenant where id = {caller.Tenant.Id} for update", ct);
                var id = Guid.CreateVersion7(ctx.Now);
                var isNew = await ctx.ExecuteAsync(
                    $"""
                    insert into odoo.help_request (id, tenant_id, session_id, uid, asked_at)
                    select {id}, {caller.Tenant.Id}, {session}, {caller.Token.Uid}, {ctx.Now}
                     where not exists (
                       select from odoo.help_request
                        where tenant_id = {caller.Tenant.Id} and uid = {caller.Token.Uid} and session_id = {session} and asked_at > {ctx.Now
                        - Pause})
                    """,
                    ct
                );
                if (isNew == 0)
                {
                    return;
                }
                ctx.Audit("odoo.person_asked_for", "odoo_help_request", id, new { caller.Token.Uid });
                foreach (var member in (await Members.ListAsync(ctx, ct)).Where(member => Access.Reaches(member.Role, Access.Admin)))
                {
                    mailer.Send(ctx, Write(member.Email, caller));
                }
            },
            ct
        );

    private Letter Write(string to, CopilotCaller caller) =>
        new(
            to,
            $"A user of your Odoo asks for a person: number {caller.Token.Uid}",
            $"""
            User number {caller.Token.Uid} of the database {caller.Tenant.Database} was not helped by the copilot and asks for a person.

            Who that is, and the chat itself, only your Odoo knows: {caller.Tenant.Url}

            All requests of this kind: {new Uri(address.Own, "/odoo")}
            """
        );
}
