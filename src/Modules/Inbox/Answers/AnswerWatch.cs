using Tenet.Assistant;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Answers;

/// <summary>
/// Stands over every turn: stored with the question, taken back with the answer, put off while the turn runs or waits for its visitor's
/// earlier ones. When it comes due, the turn was lost with its host or handed on by it, and it is run again here. The answer's unique index lets one of two runs win.
/// </summary>
internal sealed class AnswerWatch(WorkspaceScope door, AnswerTurn turns, TurnPipeline pipeline, StoreAnswer store) : IJob
{
    public const string Kind = "inbox.answer";
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Runs of a turn before it is given up: the visitor is told so.</summary>
    private const int MostRuns = 4;

    public static string KeyOf(Guid turnId) => turnId.ToString("N");

    /// <summary>The turns run: their watches wait.</summary>
    public static void Renew(SqlBatch batch, Guid[] turnIds) => Move(batch, turnIds, Patience);

    /// <summary>The turns run no more on this host: another takes them up at once.</summary>
    public static void Hasten(SqlBatch batch, Guid[] turnIds) => Move(batch, turnIds, TimeSpan.Zero);

    private static void Move(SqlBatch batch, Guid[] turnIds, TimeSpan delay)
    {
        string[] keys = [.. turnIds.Select(KeyOf)];
        batch.Add(
            $"""
            update kernel.job set run_at = clock_timestamp() + {delay}
             where kind = {Kind} and unique_key = any({keys}) and claimed_by is null and dead_at is null
            """
        );
    }

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        if (await FindAsync(job.WorkspaceId, job.SubjectId, ct) is { } turn)
        {
            if (job.Attempt > MostRuns)
            {
                await store.RunAsync(turn, pipeline.GiveUp(turn.Input), null, ct);
                return;
            }
            await turns.RunInLaneAsync(turn).WaitAsync(ct);
            if (await FindAsync(job.WorkspaceId, job.SubjectId, ct) is not null)
            {
                throw new InvalidOperationException("The turn has no final state yet.");
            }
        }
        else if (await WasAskedAsync(job.WorkspaceId, job.SubjectId, ct))
        {
            // A person took over while no host ran it; a turn that has its final state keeps it.
            await store.AbandonAsync(job.WorkspaceId, job.SubjectId, ct);
        }
    }

    private Task<bool> WasAskedAsync(Guid workspaceId, Guid turnId, CancellationToken ct) =>
        door.RunAsync(
            workspaceId,
            Actor.System,
            ctx => ctx.ScalarAsync<bool>($"select exists (select from inbox.message where turn_id = {turnId} and author = 'visitor')", ct),
            ct
        );

    /// <summary>The turn from its stored question, or null when it is answered, was given to a person, or never was asked for.</summary>
    private Task<PendingTurn?> FindAsync(Guid workspaceId, Guid turnId, CancellationToken ct) =>
        door.RunAsync(
            workspaceId,
            Actor.System,
            async ctx =>
            {
                var question = await ctx.FirstOrDefaultAsync(
                    $"""
                    select m.conversation_id, m.seq, m.text, c.visitor_id, v.language, c.page_url
                      from inbox.message m
                      join inbox.conversation c on c.workspace_id = m.workspace_id and c.id = m.conversation_id
                      join inbox.visitor v on v.workspace_id = c.workspace_id and v.id = c.visitor_id
                     where m.turn_id = {turnId} and m.author = 'visitor' and c.mode = 'assistant'
                       and not exists (select from inbox.message a where a.turn_id = {turnId} and a.author = 'assistant')
                    """,
                    row => new
                    {
                        ConversationId = row.GetGuid(0),
                        Seq = row.GetInt64(1),
                        Text = row.GetString(2),
                        VisitorId = row.GetGuid(3),
                        Language = row.GetString(4),
                        PageUrl = row.TextOrNull(5),
                    },
                    ct
                );
                if (question is null)
                {
                    return null;
                }
                var history = await ctx.ListAsync(
                    $"""
                    select author, text from inbox.message
                     where conversation_id = {question.ConversationId} and kind = 'text' and seq < {question.Seq}
                     order by seq desc limit 12
                    """,
                    ReceiveMessage.ReadHistory,
                    ct
                );
                history.Reverse();
                var input = new TurnInput(workspaceId, turnId, question.Text, history, question.Language, question.PageUrl);
                return new PendingTurn(question.ConversationId, question.VisitorId, input);
            },
            ct
        );
}
