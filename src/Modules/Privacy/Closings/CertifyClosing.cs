using System.Text.Json;
using Tenet.Kernel.Audit;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;

namespace Tenet.Privacy.Closings;

/// <summary>Ends a closing: signs what became of each table, and takes the name from the row that stays of the workspace.</summary>
internal sealed class CertifyClosing(WorkspaceScope door, SystemScope system, InstallationKeys keys, DataMap map)
{
    public async Task RunAsync(Guid workspace, Guid id, CancellationToken ct)
    {
        using var key = await keys.OpenAsync(ct);
        await system.RunAsync(
            s =>
                s.ExecuteAsync(
                    $"""
                    update kernel.workspace set name = 'A deleted workspace', slug = 'deleted-' || id, language = 'en'
                     where id = {workspace} and purging_at is not null
                    """,
                    ct
                ),
            ct
        );
        await door.RunAsync(workspace, Actor.System, ctx => SignAsync(ctx, id, key, ct), ct);
    }

    private async Task SignAsync(WorkspaceContext ctx, Guid id, System.Security.Cryptography.ECDsa key, CancellationToken ct)
    {
        if (await ClosingRows.FindAsync(ctx, id, ct) is not { State: ClosingState.Purging } closing)
        {
            return;
        }
        var outcomes = await ClosingRows.OutcomesAsync(ctx, id, ct);
        var retained = await RetainedAsync(ctx, ct);
        var certificate = new DeletionCertificate(
            DeletionCertificate.CurrentFormat,
            id,
            ctx.WorkspaceId,
            closing.Reference,
            "closed by its owner",
            closing.Policy,
            closing.ClosedAt,
            closing.RecordedAt!.Value,
            closing.KeysDestroyedAt!.Value,
            ctx.Now,
            [
                .. outcomes.Select(outcome => new CertifiedStore(
                    outcome.Store,
                    outcome.RowsFound > 0 ? "erased" : "nothing_found",
                    outcome.Method,
                    outcome.RowsFound,
                    outcome.RowsRemaining,
                    null,
                    outcome.QueryHash,
                    outcome.VerifiedAt
                )),
                .. retained,
            ],
            key.ExportSubjectPublicKeyInfo()
        )
        {
            Scope = "workspace",
            Keys = [new CertifiedKey($"workspace {ctx.WorkspaceId}", closing.KeysDestroyedAt.Value)],
            Backups = CertifiedBackup.OfThisVersion,
            Audit = closing.AuditProof is { } proof ? JsonSerializer.Deserialize<AuditProof>(proof, JsonSerializerOptions.Web) : null,
        }.Sign(key);
        await ctx.ExecuteAsync(
            $"""
            update privacy.closing
               set state = 'done', requested_by = null, completed_at = {ctx.Now}, certificate = {certificate.Write()}
             where id = {id}
            """,
            ct
        );
    }

    /// <summary>What stays, on which ground: tables without rows of the workspace are not spoken of.</summary>
    private async Task<IReadOnlyList<CertifiedStore>> RetainedAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var retained = new List<CertifiedStore>();
        foreach (var table in map.Tables.Where(table => table.KeptAtClosing is not null))
        {
            var rows = await ctx.ScalarAsync<long>($"select count(*) from {Sql.Constant(table.Table)}", ct);
            if (rows > 0)
            {
                retained.Add(new CertifiedStore(table.Table, "retained", "kept", rows, rows, table.KeptAtClosing, null, ctx.Now));
            }
        }
        return retained;
    }
}
