using System.Security.Cryptography;
using System.Text.Json;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Notices;

namespace Tenet.Privacy.Closings;

/// <summary>
/// Deletes a closed workspace: ledger outside, keys, then part by part the rows, as the policy had it on the day of closing, and at the end the
/// certificate. Each step is a commit that a killed run goes on from.
/// </summary>
internal sealed class PurgeWorkspace(
    WorkspaceScope door,
    ErasureLedger ledger,
    WorkspaceKeys keys,
    AuditProofs proofs,
    PurgeRows rows,
    CertifyClosing certify,
    Mailer mailer,
    PublicAddress address
) : IJob
{
    public const string Kind = "privacy.purge_workspace";
    private const string BegunAction = "workspace.purge_begun";

    /// <summary>A login is forgotten by a job of its own, which is among the rows that go last.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        var workspace = job.WorkspaceId;
        if (await door.RunAsync(workspace, Actor.System, ctx => BeginAsync(ctx, job.SubjectId, ct), ct) is not { } closing)
        {
            return;
        }
        if (closing.RecordedAt is null)
        {
            await ledger.CopyOutsideAsync(workspace, closing.Id, closing.ClosedAt, [closing.Reference], ct);
            await door.RunAsync(
                workspace,
                Actor.System,
                ctx => ctx.ExecuteAsync($"update privacy.closing set recorded_at = {ctx.Now} where id = {closing.Id}", ct),
                ct
            );
        }
        if (closing.KeysDestroyedAt is null)
        {
            // The key that signs the log goes with the others.
            var proof = await proofs.OfAsync(workspace, BegunAction, workspace, ct);
            await door.RunAsync(workspace, Actor.System, ctx => DestroyKeysAsync(ctx, closing.Id, proof, ct), ct);
        }
        var parts = await door.RunAsync(workspace, Actor.System, ctx => ClosingRows.PartsAsync(ctx, closing.Id, ct), ct);
        var now = await door.RunAsync(workspace, Actor.System, ctx => Task.FromResult(ctx.Now), ct);
        foreach (var part in parts.Where(part => part.PurgedAt is null && part.BeginsAt <= now))
        {
            if (!await rows.RunAsync(workspace, closing.Id, part.Part, [.. parts.Select(p => p.Part)], ct))
            {
                await door.RunAsync(workspace, Actor.System, ctx => Task.FromResult(Later(ctx, closing.Id, Again)), ct);
                return;
            }
            await door.RunAsync(workspace, Actor.System, ctx => EndAsync(ctx, part, parts, ct), ct);
        }
        if (parts.TrueForAll(part => part.BeginsAt <= now))
        {
            await certify.RunAsync(workspace, closing.Id, ct);
        }
    }

    /// <returns>Null when there is nothing to do: reopened, done, or not due.</returns>
    private async Task<Closing?> BeginAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        // Of the purge and a reopening at once, one waits and then sees what the other did.
        await ctx.ExecuteAsync($"select from kernel.workspace for update", ct);
        var closing = await ClosingRows.FindAsync(ctx, id, ct);
        if (closing?.State is ClosingState.Purging)
        {
            return closing;
        }
        if (closing is not { State: ClosingState.Waiting } || closing.PurgeAt > ctx.Now)
        {
            return null;
        }
        var secret = Secrets.Bytes(32);
        await ctx.ExecuteAsync(
            $"update privacy.closing set state = 'purging', begun_at = {ctx.Now}, link_hash = {SHA256.HashData(secret)} where id = {id}",
            ct
        );
        await ctx.ExecuteAsync($"update kernel.workspace set purging_at = {ctx.Now} where id = {ctx.WorkspaceId}", ct);
        ctx.Audit(BegunAction, "workspace", ctx.WorkspaceId);
        ctx.Publish(Workspace.ClosedTopic, ctx.WorkspaceId);
        await WriteAsync(ctx, CloseWorkspace.Token(ctx.WorkspaceId, secret), ct);
        return closing with { State = ClosingState.Purging, BegunAt = ctx.Now };
    }

    private async Task DestroyKeysAsync(WorkspaceContext ctx, Guid id, AuditProof? proof, CancellationToken ct)
    {
        var at = await keys.DestroyAsync(ctx, ct);
        await ctx.ExecuteAsync(
            $"""
            update privacy.closing
               set keys_destroyed_at = coalesce({at}::timestamptz, (select max(destroyed_at) from vault.workspace_key), clock_timestamp()),
                   audit_proof = {(proof is null ? null : JsonSerializer.Serialize(proof, JsonSerializerOptions.Web))}::text
             where id = {id} and keys_destroyed_at is null
            """,
            ct
        );
    }

    private static async Task EndAsync(WorkspaceContext ctx, ClosingPart part, IReadOnlyList<ClosingPart> parts, CancellationToken ct)
    {
        var ended = await ctx.ExecuteAsync(
            $"""
            update privacy.closing_part set purged_at = {ctx.Now}
             where closing_id = {part.ClosingId} and part = {part.Part} and purged_at is null
            """,
            ct
        );
        if (ended == 1 && parts.Where(other => other.BeginsAt > ctx.Now).MinBy(other => other.BeginsAt) is { } next)
        {
            Later(ctx, part.ClosingId, next.BeginsAt - ctx.Now);
        }
    }

    // Without a unique key: as a rerun of the present job it would run at once.
    private static bool Later(WorkspaceContext ctx, Guid id, TimeSpan delay)
    {
        ctx.Enqueue(Kind, id, delay);
        return true;
    }

    private async Task WriteAsync(WorkspaceContext ctx, string token, CancellationToken ct)
    {
        var name = await ctx.ScalarAsync<string>($"select name from kernel.workspace", ct);
        foreach (var person in await Responsible.ListAsync(ctx, ct))
        {
            mailer.Send(
                ctx,
                new Letter(
                    person.Email,
                    $"The deletion of the workspace {name} has begun",
                    $"""
                    The keys of the workspace {name} are destroyed now and its data is deleted. This cannot be undone.

                    The certificate of deletion is at this address as soon as the last part is gone. Keep the address: it is told only here.

                    {new Uri(address.Own, "/privacy/closings/" + token + "/certificate")}
                    """
                )
            );
        }
    }
}
