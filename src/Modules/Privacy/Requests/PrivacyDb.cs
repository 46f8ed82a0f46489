using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

internal sealed class PrivacyDb(DbContextOptions<PrivacyDb> options) : ModuleDbContext(options)
{
    public DbSet<PrivacyRequest> Requests => Set<PrivacyRequest>();
    public DbSet<RequestEvent> Events => Set<RequestEvent>();

    protected override void Map(ModelBuilder model)
    {
        model.Entity<PrivacyRequest>().HasKey(request => request.Id);
        model.Entity<RequestEvent>().HasKey(step => step.Id);
    }
}

internal static class RequestQueries
{
    /// <summary>The request with its row locked until the commit: two steps at once are taken one after the other.</summary>
    /// <exception cref="NotFoundException">There is none of the id.</exception>
    public static async Task<PrivacyRequest> LockRequestAsync(this WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await ctx.Db<PrivacyDb>().Requests.FromSql($"select * from privacy.request where id = {id} for update").SingleOrDefaultAsync(ct)
        ?? throw new NotFoundException("request");

    /// <summary>The request behind a letter's link, locked; null when the link was used, is too old or was made up.</summary>
    public static Task<PrivacyRequest?> LockByTokenAsync(this WorkspaceContext ctx, byte[] hash, CancellationToken ct) =>
        ctx.Db<PrivacyDb>()
            .Requests.FromSql($"select * from privacy.request where token_hash = {hash} and token_ends_at > {ctx.Now} for update")
            .SingleOrDefaultAsync(ct);

    /// <summary>Writes a step down, for the page, the audit trail and those who look at the board.</summary>
    public static void Step(this WorkspaceContext ctx, PrivacyRequest request, string step, string? note = null)
    {
        ctx.Db<PrivacyDb>()
            .Add(
                new RequestEvent
                {
                    Id = Guid.CreateVersion7(ctx.Now),
                    RequestId = request.Id,
                    Step = step,
                    Note = note,
                    ByKind = ctx.Actor.Kind,
                    ById = ctx.Actor.Id,
                    At = ctx.Now,
                }
            );
        ctx.Audit("request." + step, "request", request.Id, new { kind = request.Kind, state = request.State });
        ctx.Publish(PrivacyRequest.Topic, request.Id);
    }
}
