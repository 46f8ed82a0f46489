using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Children;
using Tenet.Privacy.Rights;

namespace Tenet.Privacy.Erasures;

/// <summary>Puts an erasure under way: its ledger is written in the same transaction, the work is a job's.</summary>
internal sealed class BeginErasure(Subjects subjects, ErasureLedger ledger, PolicySettings policy, IEnumerable<BeforeErasure> before)
{
    /// <returns>The erasure; one that is already under way for one of these persons is given instead of a second.</returns>
    /// <exception cref="NotFoundException">Nobody of the workspace has one of these ids.</exception>
    /// <exception cref="ConflictException">The person cannot go yet; the message says what to do first.</exception>
    public async Task<Guid> RunAsync(WorkspaceContext ctx, Guid[] ids, ErasureGround ground, CancellationToken ct)
    {
        // Of two wishes at once, one waits and then finds the other.
        await ctx.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended({"erasure " + ctx.WorkspaceId.ToString("N")}, 0))", ct);
        var running = await ctx.ScalarAsync<Guid?>(
            $"select id from privacy.erasure where state <> 'done' and persons && {ids} limit 1",
            ct
        );
        if (running is { } underWay)
        {
            return underWay;
        }
        Guid[] persons = [.. (await subjects.OfAsync(ctx, ids, ct)).Select(person => person.Id).Order()];
        if (persons.Length == 0)
        {
            throw new NotFoundException("person");
        }
        foreach (var step in before)
        {
            await step.DemandAsync(ctx, await RowsAsync(ctx, step.Table, persons, ct), ct);
        }
        var id = Guid.CreateVersion7(ctx.Now);
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.erasure (id, persons, reference, ground, state, requested_by, created_at, due_at)
            values ({id}, {persons}, {ledger.Reference(
                ctx.WorkspaceId,
                persons
            )}, {ground}, 'waiting', {ctx.Actor.Id}, {ctx.Now}, {await DueAsync(ctx, ground, ct)})
            """,
            ct
        );
        await ledger.WriteAsync(ctx, id, persons, await subjects.IdentifiersAsync(ctx, persons, ct), ct);
        ctx.Enqueue(ErasePerson.Kind, id, uniqueKey: id.ToString("N"));
        ctx.Audit("erasure.begun", "erasure", id, new { persons = persons.Length, ground });
        return id;
    }

    /// <summary>By when it has to be complete, as the policy says: a child's by the shorter time.</summary>
    private async Task<DateTimeOffset?> DueAsync(WorkspaceContext ctx, ErasureGround ground, CancellationToken ct)
    {
        var once = (await policy.FindAsync(ctx.WorkspaceId, ErasureDeadline.Kind, ErasureDeadline.Kind, ct))?.Period("once_begun");
        var child =
            ground is ErasureGround.Child
                ? (await policy.FindAsync(ctx.WorkspaceId, ChildrenKeptOut.Kind, ChildrenKeptOut.Kind, ct))?.Period("gone_within")
                : null;
        return (once, child) switch
        {
            ({ } one, { } other) => (one <= other ? one : other).After(ctx.Now),
            _ => (once ?? child)?.After(ctx.Now),
        };
    }

    internal static async Task<Guid[]> RowsAsync(WorkspaceContext ctx, string table, Guid[] persons, CancellationToken ct) =>
        [.. await ctx.ListAsync($"select id from {Sql.Constant(table)} where id = any({persons})", row => row.GetGuid(0), ct)];
}
