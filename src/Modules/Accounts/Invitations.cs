using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Inviting people into a workspace.</summary>
internal sealed class Invitations(Mailer mailer, Lifetimes lifetimes, RefusedIdentifiers refused)
{
    /// <summary>Those that were not accepted, newest first; among them, for a while, those that have expired.</summary>
    public static Task<List<Invitation>> ListAsync(WorkspaceContext ctx, CancellationToken ct) => ReadAsync(ctx, null, int.MaxValue, ct);

    /// <summary>The same in pages.</summary>
    public static async Task<PageOf<InvitationView>> PageAsync(WorkspaceContext ctx, string? after, int limit, CancellationToken ct)
    {
        var validation = new Validation();
        validation.Number("limit", limit, 1, 200);
        validation.Throw();
        var invitations = await ReadAsync(ctx, ctx.Place<InvitationPlace>("invitations", after), limit + 1, ct);
        return ctx.Page(
            "invitations",
            invitations.ConvertAll(InvitationView.Of),
            limit,
            view => new InvitationPlace(view.CreatedAt, view.Id)
        );
    }

    private static async Task<List<Invitation>> ReadAsync(WorkspaceContext ctx, InvitationPlace? place, int most, CancellationToken ct)
    {
        Sql all = $"true";
        Sql older = $"(created_at, id) < ({place?.CreatedAt}, {place?.Id})";
        return await ctx.ListAsync(
            $"""
            select id, email, role, invited_by, created_at, expires_at from accounts.invitation
             where {(place is null ? all : older)} order by created_at desc, id desc limit {most}
            """,
            row => new Invitation
            {
                Id = row.GetGuid(0),
                Email = row.GetString(1),
                Role = row.GetString(2),
                InvitedBy = row.ValueOrNull<Guid>(3),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(4),
                ExpiresAt = row.GetFieldValue<DateTimeOffset>(5),
            },
            ct
        );
    }

    /// <summary>Writes to the person; inviting an address again replaces the earlier letter.</summary>
    /// <param name="root">The address of this host as the reader will know it.</param>
    /// <exception cref="RuleException">The address or the role cannot be used.</exception>
    public async Task<Invitation> InviteAsync(WorkspaceContext ctx, string? email, string? role, Uri root, CancellationToken ct)
    {
        var validation = new Validation();
        var to = validation.Email("email", email);
        validation.OneOf("role", role, (IReadOnlyCollection<string>)Member.Roles);
        validation.Throw();
        await MemberRules.DemandMayGrantAsync(ctx, role!, ct);
        if (await ctx.ScalarAsync<bool>($"select exists (select from accounts.member where email = {to})", ct))
        {
            throw new RuleException("email", "This person is a member already.");
        }
        if (await refused.AnyAsync(ctx, [to], ct))
        {
            throw new RuleException(
                "email",
                "This address was a child's who was erased here. An admin can let it in again under Privacy, Children."
            );
        }
        var life = await lifetimes.OfInvitationAsync(ct);
        var invitation = new Invitation
        {
            Id = Guid.CreateVersion7(ctx.Now),
            Email = to,
            Role = role!,
            InvitedBy = ctx.Actor.Id,
            CreatedAt = ctx.Now,
            ExpiresAt = ctx.Now + life,
        };
        var secret = Secrets.Token();
        await ctx.ExecuteAsync(
            $"""
            insert into accounts.invitation (id, email, role, token_hash, invited_by, created_at, expires_at)
            values ({invitation.Id}, {to}, {invitation.Role}, {Secrets.Hash(secret)}, {invitation.InvitedBy}::uuid,
                    {invitation.CreatedAt}, {invitation.ExpiresAt})
            on conflict (workspace_id, email) do update
               set id = excluded.id, role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
                   created_at = excluded.created_at, expires_at = excluded.expires_at
            """,
            ct
        );
        var workspace = await ctx.ScalarAsync<string>($"select name from kernel.workspace", ct);
        mailer.Send(
            ctx,
            new Letter(
                to,
                $"Join {workspace} on Tenet",
                $"""
                You are invited to join {workspace} as {invitation.Role}. Open this link to accept:

                {new Uri(root, "/invitations/" + new InvitationToken(ctx.WorkspaceId, secret))}

                It works once, for {new Period(0, life)}.
                """
            )
        );
        ctx.Audit("member.invited", "invitation", invitation.Id, new { invitation.Role });
        ctx.Publish(Members.Topic, invitation.Id);
        return invitation;
    }

    /// <exception cref="NotFoundException">No such invitation.</exception>
    public static async Task WithdrawAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        if (await ctx.ExecuteAsync($"delete from accounts.invitation where id = {id}", ct) == 0)
        {
            throw new NotFoundException("invitation");
        }
        ctx.Audit("member.invitation_withdrawn", "invitation", id);
        ctx.Publish(Members.Topic, id);
    }
}

/// <summary>What stands in an invitation's link: the workspace, so that its row is looked up behind that workspace's door, and a secret.</summary>
internal sealed record InvitationToken(Guid WorkspaceId, string Secret)
{
    private const int SecretLength = 43;

    public static InvitationToken? Parse(string? text) =>
        text is { Length: 32 + SecretLength } && Guid.TryParseExact(text[..32], "N", out var workspace)
            ? new InvitationToken(workspace, text[32..])
            : null;

    public override string ToString() => WorkspaceId.ToString("N") + Secret;
}
