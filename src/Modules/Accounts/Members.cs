using Npgsql;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>The members of a workspace.</summary>
public sealed class Members
{
    /// <summary>Published when a member joins, changes or leaves.</summary>
    public const string Topic = "accounts.member";

    private readonly SystemScope _system;
    private readonly WorkspaceScope _door;

    internal Members(SystemScope system, WorkspaceScope door) => (_system, _door) = (system, door);

    /// <summary>All members, owners first, then by name.</summary>
    public static Task<List<Member>> ListAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select id, login_id, email, name, role, created_at from accounts.member
             order by array_position(array['owner', 'admin', 'agent', 'viewer'], role), lower(name), id
            """,
            Read,
            ct
        );

    /// <summary>The same in pages.</summary>
    internal static async Task<PageOf<MemberView>> PageAsync(WorkspaceContext ctx, string? after, int limit, CancellationToken ct)
    {
        var validation = new Validation();
        validation.Number("limit", limit, 1, 200);
        validation.Throw();
        var place = ctx.Place<MemberPlace>("members", after);
        Sql all = $"true";
        Sql further =
            $"(array_position(array['owner', 'admin', 'agent', 'viewer'], role), lower(name), id) > ({place?.Rank}, {place?.Name}, {place?.Id})";
        var rows = await ctx.ListAsync(
            $"""
            select id, login_id, email, name, role, created_at, array_position(array['owner', 'admin', 'agent', 'viewer'], role), lower(name)
              from accounts.member where {(place is null ? all : further)}
             order by 7, 8, id limit {limit + 1}
            """,
            row => (Member: Read(row), Place: new MemberPlace(row.GetInt32(6), row.GetString(7), row.GetGuid(0))),
            ct
        );
        var page = ctx.Page("members", rows, limit, row => row.Place);
        return new([.. page.Items.Select(row => MemberView.Of(row.Member))], page.Next);
    }

    public static Task<Member?> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync($"select id, login_id, email, name, role, created_at from accounts.member where id = {id}", Read, ct);

    /// <returns>Null when the member has left.</returns>
    public static Task<string?> NameOfAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.ScalarAsync<string>($"select name from accounts.member where id = {id}", ct);

    /// <summary>Makes a person an owner, as the operator; one who is a member already becomes an owner.</summary>
    /// <returns>The member's id.</returns>
    /// <exception cref="RuleException">The address or the name cannot be used.</exception>
    public async Task<Guid> CreateOwnerAsync(Guid workspaceId, string email, string name, CancellationToken ct) =>
        (await CreateAsync(workspaceId, email, name, Access.Owner, ct)).Id;

    internal async Task<Member> CreateAsync(Guid workspaceId, string email, string name, string role, CancellationToken ct)
    {
        var validation = new Validation();
        email = validation.Email("email", email);
        name = validation.Text("name", name, 100);
        validation.Throw();
        var login = await EnsureLoginAsync(email, ct);
        return await _door.RunAsync(workspaceId, Actor.Operator, ctx => JoinAsync(ctx, login, email, name, role, ct), ct);
    }

    /// <summary>The login of an address, made when it is new.</summary>
    internal Task<Guid> EnsureLoginAsync(string email, CancellationToken ct) =>
        _system.RunAsync(
            async s =>
            {
                await s.ExecuteAsync(
                    $"""
                    insert into accounts.login (id, email, created_at) values ({Guid.CreateVersion7(s.Now)}, {email}, {s.Now})
                    on conflict (email) do nothing
                    """,
                    ct
                );
                return await s.ScalarAsync<Guid>($"select id from accounts.login where email = {email}", ct);
            },
            ct
        );

    internal static async Task<Member> JoinAsync(
        WorkspaceContext ctx,
        Guid loginId,
        string email,
        string name,
        string role,
        CancellationToken ct
    )
    {
        var member = await ctx.FirstOrDefaultAsync(
            $"""
            insert into accounts.member (id, login_id, email, name, role, created_at)
            values ({Guid.CreateVersion7(ctx.Now)}, {loginId}, {email}, {name}, {role}, {ctx.Now})
            on conflict (workspace_id, login_id) do update set role = excluded.role
            returning id, login_id, email, name, role, created_at
            """,
            Read,
            ct
        );
        ctx.Audit("member.joined", "member", member!.Id, new { role });
        ctx.Publish(Topic, member.Id);
        return member;
    }

    private static Member Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            LoginId = row.GetGuid(1),
            Email = row.GetString(2),
            Name = row.GetString(3),
            Role = row.GetString(4),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(5),
        };
}
