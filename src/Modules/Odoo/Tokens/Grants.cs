using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Tokens;

internal sealed record GrantView(string Sid, string RefreshToken, int ExpiresIn);

/// <summary>Opens grants and turns their refresh tokens over.</summary>
internal sealed class Grants(WorkspaceScope door, RefreshTokens tokens, Lifetimes lifetimes)
{
    public async Task<GrantView> OpenAsync(UserToken user, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var (life, refreshLife) = (await lifetimes.OfGrantAsync(ct), await lifetimes.OfRefreshAsync(ct));
        await door.RunAsync(
            user.WorkspaceId,
            Actor.System,
            ctx =>
                ctx.ExecuteAsync(
                    $"""
                    insert into odoo.panel_grant (id, tenant_id, uid, generation, opened_at, refreshed_at, good_until, refresh_until)
                    values ({id}, {user.Kid}, {user.Uid}, 1, {ctx.Now}, {ctx.Now}, {ctx.Now + life}, {ctx.Now + refreshLife})
                    """,
                    ct
                ),
            ct
        );
        return View(user.WorkspaceId, id, 1, life);
    }

    /// <returns>Null when the grant has ended, by this very try if it came with an old token or from somebody else.</returns>
    public async Task<GrantView?> RefreshAsync(UserToken user, string? refreshToken, CancellationToken ct)
    {
        var (life, refreshLife) = (await lifetimes.OfGrantAsync(ct), await lifetimes.OfRefreshAsync(ct));
        return await door.RunAsync<GrantView?>(
            user.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                if (user.Grant is not { } id || tokens.Read(refreshToken, user.WorkspaceId, id) is not { } generation)
                {
                    return null;
                }
                var grant = await ctx.FirstOrDefaultAsync(
                    $"""
                    select uid, generation from odoo.panel_grant
                     where id = {id} and tenant_id = {user.Kid} and ended_at is null and refresh_until > {ctx.Now} for update
                    """,
                    row => new { Uid = row.GetInt32(0), Generation = row.GetInt32(1) },
                    ct
                );
                if (grant is null)
                {
                    return null;
                }
                if (grant.Uid != user.Uid || grant.Generation != generation)
                {
                    var by = grant.Uid != user.Uid ? "stranger" : "reuse";
                    await ctx.ExecuteAsync($"update odoo.panel_grant set ended_at = {ctx.Now}, ended_by = {by} where id = {id}", ct);
                    ctx.Audit("odoo.grant_ended", "odoo_panel_grant", id, new { by, user.Uid });
                    return null;
                }
                await ctx.ExecuteAsync(
                    $"""
                    update odoo.panel_grant set generation = {generation + 1}, refreshed_at = {ctx.Now}, good_until = {ctx.Now + life},
                           refresh_until = {ctx.Now + refreshLife}
                     where id = {id}
                    """,
                    ct
                );
                return View(user.WorkspaceId, id, generation + 1, life);
            },
            ct
        );
    }

    private GrantView View(Guid workspaceId, Guid id, int generation, TimeSpan life) =>
        new(id.ToString("D"), tokens.Issue(workspaceId, id, generation), (int)life.TotalSeconds);
}
