using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;

namespace Tenet.Privacy.Requests;

/// <summary>
/// Requests for an erasure that a restored database shows as open, though it was done: they go with the erasure that is done again, and end with it.
/// </summary>
internal sealed class ResumeErased(RequestPersons persons, BeginErasure begin)
{
    /// <param name="back">Rows of persons who were erased and are there again.</param>
    /// <returns>Those of them whose erasure was begun for a request.</returns>
    public async Task<IReadOnlySet<Guid>> RunAsync(WorkspaceContext ctx, IReadOnlySet<Guid> back, CancellationToken ct)
    {
        var begun = new HashSet<Guid>();
        var open = await ctx.Db<PrivacyDb>()
            .Requests.FromSql(
                $"""
                select * from privacy.request
                 where kind in ('erasure', 'delete') and state in ('verified', 'in_progress', 'waiting_for_input') and erasure_id is null
                 order by id for update
                """
            )
            .ToListAsync(ct);
        foreach (var request in open)
        {
            Guid[] rows = [.. (await persons.FindAsync(ctx, request, ct)).Select(row => row.Id)];
            // With rows that are new since then, it may be a wish of today: that one is the team's.
            if (rows.Length == 0 || !Array.TrueForAll(rows, back.Contains))
            {
                continue;
            }
            try
            {
                var erasure = await begin.RunAsync(ctx, rows, ErasureGround.Duty, ct);
                if (request.State is not RequestState.InProgress)
                {
                    request.Begin(ctx.Now);
                }
                request.ErasureId = erasure;
                ctx.Step(request, "erasing");
                begun.UnionWith(rows);
            }
            catch (ConflictException)
            {
                // The only owner of a workspace: counted as refused by who called.
            }
        }
        return begun;
    }
}
