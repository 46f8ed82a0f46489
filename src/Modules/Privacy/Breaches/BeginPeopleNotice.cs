using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

/// <summary>Puts the notice to the people concerned under way, with the words that stand in the register at that moment.</summary>
internal sealed class BeginPeopleNotice(Census census)
{
    public async Task<Reach> PreviewAsync(WorkspaceContext ctx, Guid breachId, CancellationToken ct)
    {
        var breach = await BreachRows.FindAsync(ctx, breachId, ct);
        return await NoticeAddresses.PreviewAsync(ctx, await census.SubjectsAsync(ct), breach.Tables, ct);
    }

    /// <exception cref="ConflictException">It was sent before, or something has to be written first.</exception>
    public static async Task<Guid> RunAsync(WorkspaceContext ctx, Guid breachId, CancellationToken ct)
    {
        var breach = await BreachRows.FindAsync(ctx, breachId, ct);
        if (breach.State is BreachState.Suspected)
        {
            throw new ConflictException("Confirm the breach first: people are not written to about a suspicion.");
        }
        if (string.IsNullOrWhiteSpace(breach.Measures) || string.IsNullOrWhiteSpace(breach.Advice))
        {
            throw new ConflictException("Write down first what was done and what people can do, and save it: both stand in the notice.");
        }
        if (!await BreachServices.HasContactAsync(ctx, ct))
        {
            throw new ConflictException(
                "There is nobody whom people could ask: the workspace has no owner. Make a member its owner first."
            );
        }
        var id = Guid.CreateVersion7(ctx.Now);
        var written = await ctx.ExecuteAsync(
            $"""
            insert into privacy.people_notice (id, breach_id, is_drill, state, what, measures, advice, tables, started_by, started_at)
            values ({id}, {breachId}, {breach.IsDrill}, 'gathering', {breach.What}, {breach.Measures}, {breach.Advice}, {breach.Tables},
                    {ctx.Actor.Id}, {ctx.Now})
            on conflict (workspace_id, breach_id) do nothing
            """,
            ct
        );
        if (written == 0)
        {
            throw new ConflictException("The notice of this breach was sent before. Nobody gets it twice.");
        }
        ctx.Enqueue(SendPeopleNotice.Kind, id, uniqueKey: id.ToString("N"));
        ctx.Audit("breach.notice_begun", "breach", breachId, new { breach.IsDrill });
        ctx.Publish(BreachRegister.Topic, breachId);
        return id;
    }
}
