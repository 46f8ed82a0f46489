using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Closings;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Erasures;

/// <param name="Begun">Persons whose rows were there again; jobs erase them.</param>
/// <param name="Refused">Persons who cannot go before something else is done: the only owner of a workspace.</param>
/// <param name="IsDeletedAgain">The whole workspace was there again; a job deletes it.</param>
public sealed record ReplayedErasures(int Begun, int Refused, bool IsDeletedAgain = false);

/// <summary>
/// Compares a restored database with the ledger outside it, and erases again who was erased, and what workspace was deleted, after the backup
/// was made.
/// </summary>
public sealed class ReplayErasures
{
    private readonly WorkspaceScope _door;
    private readonly Census _census;
    private readonly ErasureLedger _ledger;
    private readonly BeginErasure _begin;
    private readonly CloseWorkspace _close;
    private readonly ResumeErased _requests;

    internal ReplayErasures(
        WorkspaceScope door,
        Census census,
        ErasureLedger ledger,
        BeginErasure begin,
        CloseWorkspace close,
        ResumeErased requests
    ) => (_door, _census, _ledger, _begin, _close, _requests) = (door, census, ledger, begin, close, requests);

    /// <summary>Compares everybody with all of the ledger.</summary>
    /// <exception cref="Kernel.Audit.Checkpoints.CheckpointStoreException">The place outside cannot be read now.</exception>
    public async Task<ReplayedErasures> RunAsync(Guid workspace, CancellationToken ct)
    {
        var outside = await OutsideAsync(workspace, ct);
        return await IsDeletedAgainAsync(workspace, outside, ct)
            ? new ReplayedErasures(0, 0, true)
            : await EraseAsync(workspace, outside, ct);
    }

    /// <summary>Compares with those entries of the ledger that the database does not know, which it would if it had not been restored.</summary>
    /// <exception cref="Kernel.Audit.Checkpoints.CheckpointStoreException">The place outside cannot be read now.</exception>
    public async Task<ReplayedErasures> RunIfAheadAsync(Guid workspace, CancellationToken ct)
    {
        var outside = await OutsideAsync(workspace, ct);
        if (await IsDeletedAgainAsync(workspace, outside, ct))
        {
            return new ReplayedErasures(0, 0, true);
        }
        var unknown = await _door.RunAsync(workspace, Actor.Operator, ctx => UnknownAsync(ctx, [.. outside.Keys], ct), ct);
        var replayed = await EraseAsync(workspace, unknown.ToDictionary(id => id, id => outside[id]), ct);
        if (replayed.Refused == 0 && unknown.Count > 0)
        {
            await _door.RunAsync(workspace, Actor.Operator, ctx => RememberAsync(ctx, [.. unknown], ct), ct);
        }
        return replayed;
    }

    private async Task<Dictionary<Guid, ErasureLedger.OutsideEntry>> OutsideAsync(Guid workspace, CancellationToken ct)
    {
        var entries = new Dictionary<Guid, ErasureLedger.OutsideEntry>();
        await foreach (var entry in _ledger.OutsideAsync(workspace, ct))
        {
            entries[entry.Erasure] = entry;
        }
        return entries;
    }

    // Its entry is written when nothing can call the deletion off any more.
    private async Task<bool> IsDeletedAgainAsync(Guid workspace, Dictionary<Guid, ErasureLedger.OutsideEntry> outside, CancellationToken ct)
    {
        var own = _ledger.WorkspaceHashes(workspace).Select(Convert.ToBase64String).ToHashSet(StringComparer.Ordinal);
        var deletions = outside.Values.Where(entry => entry.Hashes.Any(hash => own.Contains(Convert.ToBase64String(hash)))).ToList();
        return deletions.Count > 0
            && await _door.RunAsync(workspace, Actor.Operator, ctx => _close.AgainAsync(ctx, deletions.Min(entry => entry.At), ct), ct);
    }

    private static Task<List<Guid>> UnknownAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select id from unnest({ids}) as outside(id)
             where not exists (select from privacy.erasure e where e.id = outside.id)
               and not exists (select from privacy.erasure_replay r where r.erasure_id = outside.id)
               and not exists (select from privacy.closing c where c.id = outside.id)
               and not exists (select from kernel.workspace where purging_at is not null)
            """,
            row => row.GetGuid(0),
            ct
        );

    private static Task<int> RememberAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct) =>
        ctx.ExecuteAsync(
            $"insert into privacy.erasure_replay (erasure_id, at) select id, {ctx.Now} from unnest({ids}) as known(id) on conflict do nothing",
            ct
        );

    private async Task<ReplayedErasures> EraseAsync(
        Guid workspace,
        Dictionary<Guid, ErasureLedger.OutsideEntry> entries,
        CancellationToken ct
    )
    {
        var erased = entries.Values.SelectMany(entry => entry.Hashes).Select(Convert.ToBase64String).ToHashSet(StringComparer.Ordinal);
        if (erased.Count == 0)
        {
            return new ReplayedErasures(0, 0);
        }
        var graph = await _census.SubjectsAsync(ct);
        return await _door.RunAsync(
            workspace,
            Actor.Operator,
            async ctx =>
            {
                await RefuseAsync(ctx, entries, ct);
                return await EraseAsync(ctx, graph, erased, ct);
            },
            ct
        );
    }

    /// <summary>Children whom the restored database knows nothing of are kept out again.</summary>
    private static async Task RefuseAsync(WorkspaceContext ctx, Dictionary<Guid, ErasureLedger.OutsideEntry> entries, CancellationToken ct)
    {
        foreach (var id in await UnknownAsync(ctx, [.. entries.Values.Where(entry => entry.Refused).Select(entry => entry.Erasure)], ct))
        {
            await RefusedIdentifiers.RefuseAsync(ctx, id, entries[id].Hashes, ct);
        }
    }

    private async Task<ReplayedErasures> EraseAsync(WorkspaceContext ctx, SubjectGraph graph, HashSet<string> erased, CancellationToken ct)
    {
        var back = new List<Guid>();
        foreach (var table in graph.Persons)
        {
            await foreach (var id in ctx.StreamAsync($"select id from {Sql.Constant(table.Table)}", row => row.GetGuid(0), ct))
            {
                if (_ledger.RowHashes(ctx.WorkspaceId, id).Any(hash => erased.Contains(Convert.ToBase64String(hash))))
                {
                    back.Add(id);
                }
            }
        }
        var refused = 0;
        var asked = await _requests.RunAsync(ctx, back.ToHashSet(), ct);
        foreach (var id in back.Where(id => !asked.Contains(id)))
        {
            try
            {
                await _begin.RunAsync(ctx, [id], ErasureGround.Duty, ct);
            }
            catch (ConflictException)
            {
                refused++;
            }
        }
        return new ReplayedErasures(back.Count - refused, refused);
    }
}
