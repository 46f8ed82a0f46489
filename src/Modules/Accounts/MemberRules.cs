using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Who may do what to whom. Roles are read in the transaction that acts, not taken from the caller's claims.</summary>
internal static class MemberRules
{
    /// <exception cref="RuleException">Only an owner may make an owner.</exception>
    public static async Task DemandMayGrantAsync(WorkspaceContext ctx, string role, CancellationToken ct)
    {
        if (Access.Owner.Equals(role, StringComparison.Ordinal) && !await ActsAsOwnerAsync(ctx, ct))
        {
            throw new RuleException("role", "Only an owner can make somebody an owner.");
        }
    }

    /// <summary>Gives a member another role.</summary>
    /// <exception cref="NotFoundException">No such member.</exception>
    /// <exception cref="ConflictException">The last owner would be lost.</exception>
    public static async Task ChangeRoleAsync(WorkspaceContext ctx, Guid id, string? role, CancellationToken ct)
    {
        var validation = new Validation();
        validation.OneOf("role", role, (IReadOnlyCollection<string>)Member.Roles);
        validation.Throw();
        await DemandMayGrantAsync(ctx, role!, ct);
        var member = await LockAsync(ctx, id, ct);
        if (member.Role.Equals(role, StringComparison.Ordinal))
        {
            return;
        }
        await DemandOwnerRemainsAsync(ctx, member, ct);
        await ctx.ExecuteAsync($"update accounts.member set role = {role} where id = {id}", ct);
        ctx.Audit("member.role_changed", "member", id, new { from = member.Role, to = role });
        ctx.Publish(Members.Topic, id);
    }

    /// <summary>Takes a member out of the workspace; open sessions end at once.</summary>
    /// <inheritdoc cref="ChangeRoleAsync" path="/exception"/>
    public static async Task RemoveAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var member = await LockAsync(ctx, id, ct);
        await DemandOwnerRemainsAsync(ctx, member, ct);
        await ctx.ExecuteAsync($"delete from accounts.member where id = {id}", ct);
        ctx.Audit("member.removed", "member", id, new { member.Role });
        ctx.Enqueue(ForgetLogin.Kind, member.LoginId);
        ctx.Publish(Members.Topic, id);
    }

    /// <summary>Of an erasure: not all owners of the workspace may go.</summary>
    /// <exception cref="ConflictException">They are all.</exception>
    public static async Task DemandErasableAsync(WorkspaceContext ctx, Guid[] members, CancellationToken ct)
    {
        var others = await ctx.ListAsync(
            $"select id from accounts.member where role = 'owner' order by id for update",
            row => row.GetGuid(0),
            ct
        );
        if (others.Count > 0 && others.TrueForAll(members.Contains))
        {
            throw new ConflictException("This person is the only owner. Make somebody else an owner first, or close the workspace.");
        }
    }

    /// <summary>Of an erasure: their sessions end, and their logins are forgotten when they belong to no other workspace.</summary>
    public static async Task LeaveErasedAsync(WorkspaceContext ctx, Guid[] members, CancellationToken ct)
    {
        foreach (
            var (id, login) in await ctx.ListAsync(
                $"select id, login_id from accounts.member where id = any({members})",
                row => (row.GetGuid(0), row.GetGuid(1)),
                ct
            )
        )
        {
            ctx.Enqueue(ForgetLogin.Kind, login);
            ctx.Publish(Members.Topic, id);
        }
    }

    private static async Task<Member> LockAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        // Owners are locked in one order: of two owners who demote each other at once, one waits and then sees that the other is the last.
        await ctx.ListAsync($"select id from accounts.member where role = 'owner' order by id for update", row => row.GetGuid(0), ct);
        return await Members.FindAsync(ctx, id, ct) ?? throw new NotFoundException("member");
    }

    private static async Task DemandOwnerRemainsAsync(WorkspaceContext ctx, Member member, CancellationToken ct)
    {
        if (!member.Role.Equals(Access.Owner, StringComparison.Ordinal))
        {
            return;
        }
        if (!await ActsAsOwnerAsync(ctx, ct))
        {
            throw new RuleException("role", "Only an owner can change or remove an owner.");
        }
        if (await ctx.ScalarAsync<long>($"select count(*) from accounts.member where role = 'owner'", ct) == 1)
        {
            throw new ConflictException("This is the last owner. Make somebody else an owner first.");
        }
    }

    public static Task<bool> ActsAsAdminAsync(WorkspaceContext ctx, CancellationToken ct) => ActsAsAsync(ctx, Access.Admin, ct);

    private static Task<bool> ActsAsOwnerAsync(WorkspaceContext ctx, CancellationToken ct) => ActsAsAsync(ctx, Access.Owner, ct);

    private static async Task<bool> ActsAsAsync(WorkspaceContext ctx, string role, CancellationToken ct) =>
        ctx.Actor.Kind is ActorKind.Operator or ActorKind.System
        || (
            ctx.Actor is { Kind: ActorKind.Member, Id: { } actor }
            && Access.Reaches(await ctx.ScalarAsync<string>($"select role from accounts.member where id = {actor}", ct), role)
        );
}
