using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Turns an invitation into a member with a session. The letter proves the address; it works once.</summary>
internal sealed class AcceptInvitation(WorkspaceScope door, SystemScope system, Members members, Lifetimes lifetimes)
{
    /// <summary>What an invitation offers; null when it is used, withdrawn, expired or made up.</summary>
    public async Task<Offer?> FindAsync(string? token, CancellationToken ct) =>
        InvitationToken.Parse(token) is { } parsed
            ? await door.RunAsync(parsed.WorkspaceId, Actor.System, ctx => FindAsync(ctx, parsed, ct), ct)
            : null;

    /// <exception cref="NotFoundException">The invitation cannot be accepted any more.</exception>
    /// <exception cref="RuleException">The name cannot be used.</exception>
    public async Task<BegunSession> RunAsync(string? token, string? name, Caller caller, CancellationToken ct)
    {
        var validation = new Validation();
        var called = validation.Text("name", name, 100);
        validation.Throw();
        var offer = await FindAsync(token, ct) ?? throw new NotFoundException("invitation");
        var parsed = InvitationToken.Parse(token)!;
        var login = await members.EnsureLoginAsync(offer.Email, ct);
        var member = await door.RunAsync(
            parsed.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                // Of two at once, one deletes the row.
                var taken = await ctx.ExecuteAsync(
                    $"delete from accounts.invitation where token_hash = {Secrets.Hash(parsed.Secret)} and expires_at > {ctx.Now}",
                    ct
                );
                return taken == 1
                    ? await Members.JoinAsync(ctx, login, offer.Email, called, offer.Role, ct)
                    : throw new NotFoundException("invitation");
            },
            ct
        );
        var life = await lifetimes.OfSessionAsync(ct);
        var (cookie, id, state) = await system.RunAsync(
            s => Sessions.BeginAsync(s, life, login, parsed.WorkspaceId, caller, SignInMethod.Link, ct),
            ct
        );
        var session = new BegunSession(cookie, id, parsed.WorkspaceId, member.Id, state);
        if (state != SessionState.Open)
        {
            return session;
        }
        await door.BatchAsync(
            session.WorkspaceId,
            Actor.Member(member.Id),
            batch => batch.Audit("session.started", "session", session.Id, new { method = "invitation" }),
            ct
        );
        return session;
    }

    private static Task<Offer?> FindAsync(WorkspaceContext ctx, InvitationToken token, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync(
            $"""
            select w.name, i.email, i.role from accounts.invitation i join kernel.workspace w on w.id = i.workspace_id
             where i.token_hash = {Secrets.Hash(token.Secret)} and i.expires_at > {ctx.Now}
            """,
            row => new Offer(row.GetString(0), row.GetString(1), row.GetString(2)),
            ct
        );
}

internal sealed record Offer(string Workspace, string Email, string Role);
