using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Erasures;

/// <param name="Begun">Persons whose rows were there again; jobs erase them.</param>
/// <param name="Refused">Persons who cannot go before something else is done: the only owner of a workspace.</param>
public sealed record ReplayedErasures(int Begun, int Refused);

/// <summary>
/// Compares the persons of a restored database with the ledger outside it, and erases again who was erased after the backup was made.
/// </summary>
public sealed class ReplayErasures
{
    private readonly WorkspaceScope _door;
    private readonly Census _census;
    private readonly ErasureLedger _ledger;
    private readonly BeginErasure _begin;

    internal ReplayErasures(WorkspaceScope door, Census census, ErasureLedger ledger, BeginErasure begin) =>
        (_door, _census, _ledger, _begin) = (door, census, ledger, begin);

    /// <exception cref="Kernel.Audit.Checkpoints.CheckpointStoreException">The place outside cannot be read now.</exception>
    public async Task<ReplayedErasures> RunAsync(Guid workspace, CancellationToken ct)
    {
        var erased = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var hash in _ledger.OutsideAsync(workspace, ct))
        {
            erased.Add(Convert.ToBase64String(hash));
        }
        var graph = await _census.SubjectsAsync(ct);
        return erased.Count == 0
            ? new ReplayedErasures(0, 0)
            : await _door.RunAsync(workspace, Actor.Operator, ctx => EraseAsync(ctx, graph, erased, ct), ct);
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
        foreach (var id in back)
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
