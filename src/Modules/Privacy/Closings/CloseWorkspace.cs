using System.Buffers.Text;
using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Notices;

namespace Tenet.Privacy.Closings;

/// <summary>Closes a workspace: from the commit on nobody gets in but an owner, who may reopen it until the purge begins.</summary>
internal sealed class CloseWorkspace(PolicySettings settings, ErasureLedger ledger, Mailer mailer, PublicAddress address)
{
    public const string Word = "DELETE";

    /// <summary>What is regularly done for a closed workspace waits; a reopened one goes on.</summary>
    private static readonly DateTimeOffset Never = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <returns>The closing; one that is under way already is given instead of a second.</returns>
    public async Task<Closing> CloseAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        await ctx.ExecuteAsync($"select from kernel.workspace for update", ct);
        if (await ClosingRows.CurrentAsync(ctx, ct) is { } running)
        {
            return running;
        }
        var (id, begin) = await BeginAsync(ctx, ctx.Now, ctx.Actor.Id, ct);
        ctx.Enqueue(PurgeWorkspace.Kind, id, begin - ctx.Now, uniqueKey: id.ToString("N"));
        ctx.Audit("workspace.closed", "workspace", ctx.WorkspaceId, new { purgeAt = begin });
        ctx.Publish(Workspace.ClosedTopic, ctx.WorkspaceId);
        await WriteAsync(ctx, begin, ct);
        return (await ClosingRows.FindAsync(ctx, id, ct))!;
    }

    /// <summary>
    /// Deletes a workspace that was deleted before, and that a restored database brought back: by the windows from the day on which it was closed
    /// then, which nobody can reopen any more.
    /// </summary>
    /// <returns>False when its deletion is under way or done.</returns>
    public async Task<bool> AgainAsync(WorkspaceContext ctx, DateTimeOffset closedAt, CancellationToken ct)
    {
        await ctx.ExecuteAsync($"select from kernel.workspace for update", ct);
        var known = await ctx.FirstOrDefaultAsync(
            $"select id, state = 'waiting' from privacy.closing where state <> 'reopened' order by closed_at desc limit 1",
            row => ((Guid Id, bool IsWaiting)?)(row.GetGuid(0), row.GetBoolean(1)),
            ct
        );
        if (known is { IsWaiting: false })
        {
            return false;
        }
        var id = known?.Id ?? (await BeginAsync(ctx, closedAt, null, ct)).Id;
        await ctx.ExecuteAsync($"update privacy.closing set purge_at = least(purge_at, {ctx.Now}) where id = {id}", ct);
        await ctx.ExecuteAsync(
            $"""
            update privacy.closing_part set begins_at = least(begins_at, {ctx.Now}) where closing_id = {id} and part = {Parts.Everything}
            """,
            ct
        );
        await ctx.ExecuteAsync($"delete from kernel.job where kind = {PurgeWorkspace.Kind} and subject_id = {id}", ct);
        ctx.Enqueue(PurgeWorkspace.Kind, id);
        ctx.Audit("workspace.deleted_again", "workspace", ctx.WorkspaceId);
        ctx.Publish(Workspace.ClosedTopic, ctx.WorkspaceId);
        return true;
    }

    private async Task<(Guid Id, DateTimeOffset Begin)> BeginAsync(
        WorkspaceContext ctx,
        DateTimeOffset closedAt,
        Guid? requestedBy,
        CancellationToken ct
    )
    {
        var windows = await Parts.WindowsAsync(settings, ctx.WorkspaceId, ct);
        var id = Guid.CreateVersion7(ctx.Now);
        var begin = windows.Values.Min(window => Parts.Begin(closedAt, window));
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.closing (id, state, reference, policy, requested_by, closed_at, purge_at)
            select {id}, 'waiting', {ledger.WorkspaceHash(ctx.WorkspaceId)}, (select name || ' ' || version from kernel.workspace_policy),
                   {requestedBy}, {closedAt}, {begin}
            """,
            ct
        );
        foreach (var (part, window) in windows)
        {
            await ctx.ExecuteAsync(
                $"""
                insert into privacy.closing_part (closing_id, part, begins_at, gone_by)
                values ({id}, {part}, {Parts.Begin(closedAt, window)}, {window.After(closedAt)})
                """,
                ct
            );
        }
        await ctx.ExecuteAsync($"update kernel.workspace set closed_at = {closedAt} where id = {ctx.WorkspaceId}", ct);
        await ctx.ExecuteAsync($"update kernel.schedule set next_at = {Never}", ct);
        return (id, begin);
    }

    /// <exception cref="ConflictException">The purge has begun, or the workspace is open.</exception>
    public static async Task ReopenAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        await ctx.ExecuteAsync($"select from kernel.workspace for update", ct);
        var closing =
            await ClosingRows.CurrentAsync(ctx, ct) ?? throw new ConflictException("The workspace is open: there is nothing to reopen.");
        if (closing.State is not ClosingState.Waiting || closing.PurgeAt <= ctx.Now)
        {
            throw new ConflictException("The deletion has begun. What is gone cannot be brought back.");
        }
        await ctx.ExecuteAsync($"update privacy.closing set state = 'reopened' where id = {closing.Id}", ct);
        await ctx.ExecuteAsync($"update kernel.workspace set closed_at = null where id = {ctx.WorkspaceId}", ct);
        await ctx.ExecuteAsync($"update kernel.schedule set next_at = clock_timestamp() where next_at = {Never}", ct);
        await ctx.ExecuteAsync($"delete from kernel.job where kind = {PurgeWorkspace.Kind} and subject_id = {closing.Id}", ct);
        ctx.Audit("workspace.reopened", "workspace", ctx.WorkspaceId);
        ctx.Publish(Workspace.ClosedTopic, ctx.WorkspaceId);
    }

    private async Task WriteAsync(WorkspaceContext ctx, DateTimeOffset begin, CancellationToken ct)
    {
        var name = await ctx.ScalarAsync<string>($"select name from kernel.workspace", ct);
        foreach (var person in await Responsible.ListAsync(ctx, ct))
        {
            mailer.Send(
                ctx,
                new Letter(
                    person.Email,
                    $"The workspace {name} was closed",
                    $"""
                    The workspace {name} was closed on {ctx.Now:yyyy-MM-dd HH:mm} UTC. Nobody can sign in to it, and its widget answers nobody.

                    Its data is deleted from {begin:yyyy-MM-dd HH:mm} UTC on. Until then an owner can reopen it, with everything in its place:

                    {new Uri(address.Own, "/closed")}

                    When the deletion begins you get a last letter, with the address at which its certificate can be fetched.
                    """
                )
            );
        }
    }

    /// <summary>The token of the address at which the certificate is found: it names the workspace.</summary>
    public static string Token(Guid workspace, byte[] secret) => Base64Url.EncodeToString([.. workspace.ToByteArray(), .. secret]);
}
