using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Rights;

namespace Tenet.Privacy.Erasures;

/// <summary>Looks into every table whether anything is left, and says of each store what became of it.</summary>
internal sealed class VerifyErasure(WorkspaceScope door)
{
    /// <exception cref="InvalidOperationException">Rows came back meanwhile: they are deleted by the next attempt.</exception>
    public async Task RunAsync(Guid workspace, Erasure erasure, SubjectGraph graph, CancellationToken ct)
    {
        var left = await door.RunAsync(workspace, Actor.System, ctx => LookAsync(ctx, erasure, graph, ct), ct);
        if (left > 0)
        {
            await door.RunAsync(workspace, Actor.System, ctx => ErasePerson.StepAsync(ctx, erasure.Id, ErasureState.Recorded, ct), ct);
            throw new InvalidOperationException("Rows of an erased person are there again; they are deleted anew.");
        }
    }

    private static async Task<long> LookAsync(WorkspaceContext ctx, Erasure erasure, SubjectGraph graph, CancellationToken ct)
    {
        var left = 0L;
        foreach (var table in graph.Tenants.Where(table => table.Retained is null || table.Personal.Any()))
        {
            var rows = await Subjects.CountAsync(ctx, graph, table, erasure.Persons!, ct);
            var hash = SHA256.HashData(
                Encoding.UTF8.GetBytes($"select count(*) from {table.Table} where {graph.RowsOf(table, erasure.Persons!)}")
            );
            var stays = await RememberAsync(ctx, erasure.Id, table, rows, hash, ct);
            left += stays ? 0 : rows;
        }
        await ctx.ExecuteAsync(
            $"""
            update privacy.erasure_outcome set verified_at = {ctx.Now}, rows_remaining = 0,
                   outcome = case when rows_found > 0 then 'erased' else 'nothing_found' end
             where erasure_id = {erasure.Id} and outcome = 'pending'
            """,
            ct
        );
        return left;
    }

    /// <returns>Whether what is left stays on a ground.</returns>
    private static async Task<bool> RememberAsync(
        WorkspaceContext ctx,
        Guid erasure,
        SubjectTable table,
        long rows,
        byte[] hash,
        CancellationToken ct
    )
    {
        var outcome =
            table.Retained is null ? (rows > 0 ? Outcome.Unverified : Outcome.Pending)
            : rows > 0 ? Outcome.Retained
            : Outcome.NothingFound;
        var found = table.Retained is null ? 0 : rows;
        return await ctx.ScalarAsync<bool>(
            $"""
            insert into privacy.erasure_outcome as o (erasure_id, store, outcome, method, rows_found, rows_remaining, ground, query_hash, verified_at)
            values ({erasure}, {table.Table}, {outcome}, {(table.Retained is null ? DeleteRows.Method : "kept")}, {found}, {rows},
                    {(rows > 0 ? table.Retained : null)}::text, {hash}, {ctx.Now})
            on conflict (workspace_id, erasure_id, store) do update set
              rows_remaining = excluded.rows_remaining, query_hash = excluded.query_hash, verified_at = excluded.verified_at,
              rows_found = greatest(o.rows_found, excluded.rows_found + case when o.outcome = 'retained' then excluded.rows_remaining else 0 end),
              outcome = case
                when o.outcome = 'retained' then 'retained'
                when excluded.outcome <> 'pending' then excluded.outcome
                when o.rows_found > 0 then 'erased' else 'nothing_found' end
            returning o.outcome = 'retained'
            """,
            ct
        );
    }
}
