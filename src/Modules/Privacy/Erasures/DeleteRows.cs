using Tenet.Kernel.Audit;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Erasures;

/// <summary>
/// Deletes a person's rows along the subject graph, what belongs to others first. What nothing belongs to goes in batches; the rest, the person
/// and their key go in one transaction that holds them locked, so that a message which comes meanwhile is either deleted with them or finds nobody.
/// </summary>
internal sealed class DeleteRows(WorkspaceScope door, WorkspaceVault vault, IEnumerable<BeforeErasure> before)
{
    /// <summary>Only rows of one person: nobody else waits for their locks. Each batch passes by what the ones before it left dead in the index.</summary>
    internal const int BatchSize = 100_000;
    public const string Method = "rows deleted";
    private const string Jobs = "waiting jobs about deleted rows withdrawn";
    public const string Keys = "keys";

    public async Task RunAsync(Guid workspace, Erasure erasure, SubjectGraph graph, CancellationToken ct)
    {
        var going = graph.Tenants.Where(table => table.Retained is null).ToList();
        // What others belong to: in a batch of its own it could be gone before the last of them, or break on one that has just come.
        var parents = going.SelectMany(table => table.Steps).Select(step => step.Parent).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var table in going.Where(table => !table.IsPerson && !parents.Contains(table.Table)))
        {
            while (await door.RunAsync(workspace, Actor.System, ctx => BatchAsync(ctx, erasure, graph, table, ct), ct) == BatchSize) { }
        }
        await door.RunAsync(workspace, Actor.System, ctx => RestAsync(ctx, erasure, graph, going, parents, ct), ct);
    }

    private static Task<int> BatchAsync(WorkspaceContext ctx, Erasure erasure, SubjectGraph graph, SubjectTable table, CancellationToken ct)
    {
        var name = Sql.Constant(table.Table);
        return DeleteAsync(
            ctx,
            erasure,
            table,
            $"""
            ctid = any(array(
              select ctid from {name} where {graph.RowsOf(table, erasure.Persons!)} limit {BatchSize}))
            """,
            ct
        );
    }

    /// <summary>
    /// Deletes rows with the waiting jobs about them, and counts both: one statement, for what a round trip would carry out and in again are the ids
    /// of all rows.
    /// </summary>
    private static Task<int> DeleteAsync(WorkspaceContext ctx, Erasure erasure, SubjectTable table, Sql which, CancellationToken ct)
    {
        var id = Sql.Constant(table.Map.Columns.Any(column => column.Column.Equals("id", StringComparison.Ordinal)) ? "id" : "null::uuid");
        return ctx.ScalarAsync<int>(
            $"""
            with gone as (delete from {Sql.Constant(table.Table)} where {which} returning {id} as id),
            jobs as (
              delete from kernel.job where kind <> {ErasePerson.Kind} and subject_id in (select id from gone where id is not null)
              returning 1),
            sums (store, method, rows) as (
              values ({table.Table}, {Method}, (select count(*) from gone)), ('kernel.job', {Jobs}, (select count(*) from jobs))),
            counted as (
              insert into privacy.erasure_outcome as o (erasure_id, store, outcome, method, rows_found)
              select {erasure.Id}, store, {Outcome.Pending}, method, rows from sums
               where store <> 'kernel.job' or exists (select from gone)
              on conflict (workspace_id, erasure_id, store) do update set rows_found = o.rows_found + excluded.rows_found)
            select count(*)::int from gone
            """,
            ct
        );
    }

    private async Task RestAsync(
        WorkspaceContext ctx,
        Erasure erasure,
        SubjectGraph graph,
        IReadOnlyList<SubjectTable> going,
        HashSet<string> parents,
        CancellationToken ct
    )
    {
        var persons = erasure.Persons!;
        // From the person outwards, as those who write lock it: it gets no new rows below it from here on. What no foreign key leads to is
        // written together with what belongs to it, and is kept away by the lock above.
        foreach (var table in going.Reverse().Where(table => table.IsPerson || parents.Contains(table.Table) && graph.IsKeyed(table.Table)))
        {
            await ctx.ExecuteAsync($"select from {Sql.Constant(table.Table)} where {graph.RowsOf(table, persons)} for update", ct);
        }
        await BeforeAsync(ctx, persons, ct);
        foreach (var table in going)
        {
            await DeleteAsync(ctx, erasure, table, graph.RowsOf(table, persons), ct);
        }
        var details = await EraseAuditDetails.OfSubjectsAsync(ctx, persons, ct);
        await CountAsync(ctx, erasure.Id, "audit.entry details", "details and salts of entries about the person taken out", details, ct);
        await ShredAsync(ctx, erasure.Id, persons, ct);
        await ErasePerson.StepAsync(ctx, erasure.Id, ErasureState.Destroyed, ct);
        ctx.Audit("erasure.destroyed", "erasure", erasure.Id);
        foreach (var person in persons)
        {
            ctx.Publish("privacy.erased", person);
        }
    }

    private async Task BeforeAsync(WorkspaceContext ctx, Guid[] persons, CancellationToken ct)
    {
        foreach (var step in before)
        {
            var rows = await BeginErasure.RowsAsync(ctx, step.Table, persons, ct);
            if (rows.Length > 0)
            {
                await step.DemandAsync(ctx, rows, ct);
                await step.RunAsync(ctx, rows, ct);
            }
        }
    }

    private async Task ShredAsync(WorkspaceContext ctx, Guid erasure, Guid[] persons, CancellationToken ct)
    {
        var live = await ctx.ScalarAsync<long>(
            $"select count(*) from vault.subject_key where id = any({persons}) and wrapped is not null",
            ct
        );
        foreach (var person in persons)
        {
            // Also where there was none: no late writer makes one, and nobody comes back under the id.
            await vault.ShredAsync(ctx, person, ct);
        }
        await CountAsync(ctx, erasure, Keys, "the person's own keys destroyed; what they sealed opens nowhere any more", live, ct);
    }

    // In the transaction that deletes: however often it is killed, the numbers are of what was deleted.
    private static Task CountAsync(WorkspaceContext ctx, Guid erasure, string store, string method, long rows, CancellationToken ct) =>
        ctx.ExecuteAsync(
            $"""
            insert into privacy.erasure_outcome as o (erasure_id, store, outcome, method, rows_found)
            values ({erasure}, {store}, {Outcome.Pending}, {method}, {rows})
            on conflict (workspace_id, erasure_id, store) do update set rows_found = o.rows_found + excluded.rows_found
            """,
            ct
        );
}
