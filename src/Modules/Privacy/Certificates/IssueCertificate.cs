using Tenet.Kernel.Audit;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Certificates;

/// <summary>Ends an erasure: signs what became of each store, and forgets which rows it was about.</summary>
internal sealed class IssueCertificate(WorkspaceScope door, CertificateKeys keys, AuditProofs proofs, CloseErased close)
{
    public async Task RunAsync(Guid workspace, Guid erasure, CancellationToken ct)
    {
        // Signed and put outside before the certificate that names it.
        var proof = await proofs.OfAsync(workspace, "erasure.destroyed", erasure, ct);
        await door.RunAsync(workspace, Actor.System, ctx => IssueAsync(ctx, erasure, proof, ct), ct);
    }

    private async Task IssueAsync(WorkspaceContext ctx, Guid id, AuditProof? proof, CancellationToken ct)
    {
        if (await ErasePerson.ReadAsync(ctx, id, ct) is not { State: ErasureState.Destroyed } erasure)
        {
            return;
        }
        var policy = await ctx.ScalarAsync<string>($"select name || ' ' || version from kernel.workspace_policy", ct);
        var outcomes = await ErasureRows.OutcomesAsync(ctx, id, ct);
        var destroyed = await ctx.ListAsync(
            $"select destroyed_at from vault.subject_key where id = any({erasure.Persons!}) and destroyed_at is not null order by destroyed_at",
            row => row.GetFieldValue<DateTimeOffset>(0),
            ct
        );
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
        )
        {
            // By number: their ids are the person's, which nobody is to learn from this.
            Keys =
            [
                .. destroyed
                    .Take((int)(outcomes.Find(outcome => outcome.Store is DeleteRows.Keys)?.RowsFound ?? 0))
                    .Select((at, n) => new CertifiedKey($"key {n + 1} of the person", at)),
            ],
            Backups = CertifiedBackup.OfThisVersion,
            Audit = proof,
        }.Sign(key);
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
