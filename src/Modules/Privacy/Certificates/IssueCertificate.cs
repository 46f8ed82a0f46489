using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Certificates;

/// <summary>Ends an erasure: signs what became of each store, and forgets which rows it was about.</summary>
internal sealed class IssueCertificate(WorkspaceScope door, CertificateKeys keys, CloseErased close)
{
    public Task RunAsync(Guid workspace, Guid erasure, CancellationToken ct) =>
        door.RunAsync(workspace, Actor.System, ctx => IssueAsync(ctx, erasure, ct), ct);

    private async Task IssueAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        if (await ErasePerson.ReadAsync(ctx, id, ct) is not { State: ErasureState.Destroyed } erasure)
        {
            return;
        }
        var policy = await ctx.ScalarAsync<string>($"select name || ' ' || version from kernel.workspace_policy", ct);
        var outcomes = await ErasureRows.OutcomesAsync(ctx, id, ct);
        using var key = await keys.OfAsync(ctx, ct);
        var certificate = new DeletionCertificate(
            DeletionCertificate.CurrentFormat,
            id,
            ctx.WorkspaceId,
            erasure.Reference,
            SqlValue.Text(erasure.Ground),
            policy,
            erasure.CreatedAt,
            erasure.RecordedAt!.Value,
            erasure.DestroyedAt!.Value,
            ctx.Now,
            [
                .. outcomes.Select(outcome => new CertifiedStore(
                    outcome.Store,
                    SqlValue.Text(outcome.Outcome),
                    outcome.Method,
                    outcome.RowsFound,
                    outcome.RowsRemaining,
                    outcome.Ground,
                    outcome.QueryHash,
                    outcome.VerifiedAt
                )),
            ],
            key.ExportSubjectPublicKeyInfo()
        ).Sign(key);
        await ctx.ExecuteAsync(
            $"""
            update privacy.erasure set state = 'done', persons = null, completed_at = {ctx.Now}, certificate = {certificate.Write()}
             where id = {id}
            """,
            ct
        );
        await close.RunAsync(ctx, id, ct);
        ctx.Audit("erasure.completed", "erasure", id, new { stores = outcomes.Count, rows = outcomes.Sum(o => o.RowsFound) });
        ctx.Publish("privacy.erasure", id);
    }
}
