using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

internal sealed record MemberView(Guid Id, string Email, string Name, string Role, DateTimeOffset CreatedAt)
{
    public static MemberView Of(Member member) => new(member.Id, member.Email, member.Name, member.Role, member.CreatedAt);
}

internal sealed record InvitationView(Guid Id, string Email, string Role, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    public static InvitationView Of(Invitation invitation) =>
        new(invitation.Id, invitation.Email, invitation.Role, invitation.CreatedAt, invitation.ExpiresAt);
}

/// <summary>Where the list of members goes on: after this rank of role, name and id.</summary>
internal sealed record MemberPlace(int Rank, string Name, Guid Id);

/// <summary>Where the list of invitations goes on, towards older ones.</summary>
internal sealed record InvitationPlace(DateTimeOffset CreatedAt, Guid Id);

internal sealed record RoleBody(string? Role);

internal sealed record InviteBody(string? Email, string? Role);

internal static class MemberEndpoints
{
    public static void MapMembers(this IEndpointRouteBuilder app)
    {
        var read = app.MapGroup("/api/members").InWorkspace(Access.Viewer).WithScope("members:read");
        read.MapGet(
            "",
            async (WorkspaceContext ctx, string? after, int? limit, CancellationToken ct) =>
                TypedResults.Ok(await Members.PageAsync(ctx, after, limit ?? 50, ct))
        );
        read.MapGet(
            "/{id:guid}",
            async Task<Results<Ok<MemberView>, NotFound>> (WorkspaceContext ctx, Guid id, CancellationToken ct) =>
                await Members.FindAsync(ctx, id, ct) is { } member ? TypedResults.Ok(MemberView.Of(member)) : TypedResults.NotFound()
        );

        var write = app.MapGroup("/api/members").InWorkspace(Access.Admin).RequireAuthorization(Access.StepUp).ForPeopleOnly();
        write.MapPut("/{id:guid}/role", ChangeRoleAsync);
        write.MapDelete("/{id:guid}", RemoveAsync);

        var invitations = app.MapGroup("/api/invitations").InWorkspace(Access.Admin).WithScope("members:write");
        invitations
            .MapGet(
                "",
                async (WorkspaceContext ctx, string? after, int? limit, CancellationToken ct) =>
                    TypedResults.Ok(await Invitations.PageAsync(ctx, after, limit ?? 50, ct))
            )
            .WithScope("members:read");
        invitations.MapPost("", InviteAsync).RequireAuthorization(Access.StepUp).ForPeopleOnly();
        invitations.MapDelete("/{id:guid}", WithdrawAsync);
    }

    private static async Task<NoContent> ChangeRoleAsync(WorkspaceContext ctx, Guid id, RoleBody body, CancellationToken ct)
    {
        await MemberRules.ChangeRoleAsync(ctx, id, body.Role, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RemoveAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        await MemberRules.RemoveAsync(ctx, id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Created<InvitationView>> InviteAsync(
        WorkspaceContext ctx,
        InviteBody body,
        HttpRequest request,
        Invitations invitations,
        PublicAddress address,
        CancellationToken ct
    )
    {
        var invitation = await invitations.InviteAsync(ctx, body.Email, body.Role, address.For(request), ct);
        return TypedResults.Created($"/api/invitations/{invitation.Id}", InvitationView.Of(invitation));
    }

    private static async Task<NoContent> WithdrawAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        await Invitations.WithdrawAsync(ctx, id, ct);
        return TypedResults.NoContent();
    }
}
