using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Children;
using Tenet.Privacy.Rights;

namespace Tenet.Privacy.Erasures;

/// <summary>
/// Erases a person: ledger outside, places without rows of theirs, rows and keys, a look whether all is gone, certificate. Each step is safe to
/// run again and goes on where a killed one stopped.
/// </summary>
internal sealed class ErasePerson(
    WorkspaceScope door,
    Census census,
    Subjects subjects,
    ErasureLedger ledger,
    DeleteRows delete,
    VerifyErasure verify,
    IssueCertificate certify,
    IEnumerable<SubjectStore> stores
) : IJob
{
    public const string Kind = "privacy.erase";

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        using var all = RestrictedRows.Show();
        var workspace = job.WorkspaceId;
        if (await door.RunAsync(workspace, Actor.System, ctx => ReadAsync(ctx, job.SubjectId, ct), ct) is not { Persons: { } rows } erasure)
        {
            return;
        }
        var graph = await census.SubjectsAsync(ct);
        if (erasure.State is ErasureState.Waiting)
        {
            var (hashes, refused) = await door.RunAsync(
                workspace,
                Actor.System,
                async ctx => (await ErasureLedger.ReadAsync(ctx, erasure.Id, ct), await MarkChild.IsOfChildAsync(ctx, erasure.Id, ct)),
                ct
            );
            await ledger.CopyOutsideAsync(workspace, erasure.Id, erasure.CreatedAt, hashes, ct, refused);
            await door.RunAsync(workspace, Actor.System, ctx => StepAsync(ctx, erasure.Id, ErasureState.Recorded, ct), ct);
        }
        if (erasure.State is ErasureState.Waiting or ErasureState.Recorded)
        {
            // While the rows still say by which texts the person is known.
            var identifiers = await door.RunAsync(workspace, Actor.System, ctx => subjects.IdentifiersAsync(ctx, rows, ct), ct);
            foreach (var store in stores)
            {
                await EraseAsync(workspace, erasure.Id, store, new Person(rows, identifiers), ct);
            }
            await delete.RunAsync(workspace, erasure, graph, ct);
        }
        await verify.RunAsync(workspace, erasure, graph, ct);
        await certify.RunAsync(workspace, erasure.Id, ct);
    }

    // Counted before anything goes: a second run after a kill must not find less and say so.
    private async Task EraseAsync(Guid workspace, Guid erasure, SubjectStore store, Person person, CancellationToken ct)
    {
        var found = await store.CountAsync(workspace, person, ct);
        await door.RunAsync(
            workspace,
            Actor.System,
            ctx =>
                ctx.ExecuteAsync(
                    $"""
                    insert into privacy.erasure_outcome as o (erasure_id, store, outcome, method, rows_found)
                    values ({erasure}, {store.Name}, {Outcome.Pending}, {store.Method}, {found})
                    on conflict (workspace_id, erasure_id, store) do update set rows_found = greatest(o.rows_found, excluded.rows_found)
                    """,
                    ct
                ),
            ct
        );
        await store.EraseAsync(workspace, person, ct);
        var remaining = await store.CountAsync(workspace, person, ct);
        await door.RunAsync(
            workspace,
            Actor.System,
            ctx =>
                ctx.ExecuteAsync(
                    $"""
                    update privacy.erasure_outcome
                       set rows_remaining = {remaining}, verified_at = {ctx.Now},
                           outcome = case when {remaining} > 0 then 'unverified' when rows_found > 0 then 'erased' else 'nothing_found' end
                     where erasure_id = {erasure} and store = {store.Name}
                    """,
                    ct
                ),
            ct
        );
    }

    public static Task<Erasure?> ReadAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync(
            $"""
            select id, persons, reference, ground, state, requested_by, created_at, recorded_at, destroyed_at, completed_at, certificate, due_at
              from privacy.erasure where id = {id}
            """,
            ErasureRows.Read,
            ct
        );

    internal static Task StepAsync(WorkspaceContext ctx, Guid id, ErasureState state, CancellationToken ct) =>
        ctx.ExecuteAsync(
            $"""
            update privacy.erasure
               set state = {state},
                   recorded_at = coalesce(recorded_at, {ctx.Now}),
                   destroyed_at = case when {state} = 'destroyed' then coalesce(destroyed_at, {ctx.Now}) else destroyed_at end
             where id = {id} and state <> 'done'
            """,
            ct
        );
}
