using Tenet.Assistant;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Answers;

/// <summary>Gives a turn its one final state: answer, receipt, audit entry and the end of its watch in one transaction.</summary>
internal sealed class StoreAnswer(WorkspaceScope door, ConversationFeed feed)
{
    public async Task RunAsync(PendingTurn turn, TurnOutcome outcome, TurnNotice? notice, CancellationToken ct)
    {
        var messageId = Guid.Empty;
        var now = DateTimeOffset.MinValue;
        var code = notice is null ? null : EventTexts.Notice(notice.Code);
        var seq = await door.BatchAsync(
            turn.WorkspaceId,
            Actor.Assistant,
            batch =>
            {
                now = batch.Now;
                messageId = Guid.CreateVersion7(now);
                batch.Add(ConversationStatements.Answer(turn.ConversationId, turn.TurnId, messageId, outcome, code, now));
                Settle(batch, turn, outcome);
            },
            results => results.FirstOrDefaultAsync(row => (long?)row.GetInt64(0), ct),
            ct
        );
        if (seq is not { } stored)
        {
            await AbandonUnlessStoredAsync(turn, ct);
            return;
        }
        if (notice is not null || outcome.State == TurnState.HandedOff)
        {
            // More than the answer was written: the readers read it.
            feed.Publish(turn.WorkspaceId, turn.VisitorId, new ConversationChanged());
        }
        else
        {
            feed.Publish(
                turn.WorkspaceId,
                turn.VisitorId,
                new MessagePosted(
                    new Message
                    {
                        ConversationId = turn.ConversationId,
                        Seq = stored,
                        Id = messageId,
                        Author = MessageAuthor.Assistant,
                        Text = outcome.Text,
                        Citations = CitationJson.Write(outcome.Citations),
                        TurnId = turn.TurnId,
                        TurnState = outcome.State,
                        At = now,
                    }
                )
            );
        }
    }

    /// <summary>A person took the conversation while the assistant was writing: the turn ends without an answer.</summary>
    public Task AbandonAsync(Guid workspaceId, Guid turnId, CancellationToken ct) =>
        AbandonAsync(workspaceId, turnId, completed: false, ct);

    private Task AbandonAsync(Guid workspaceId, Guid turnId, bool completed, CancellationToken ct) =>
        door.BatchAsync(
            workspaceId,
            Actor.Assistant,
            batch =>
            {
                batch.Withdraw(AnswerWatch.Kind, AnswerWatch.KeyOf(turnId));
                TurnLedger.Abandon(batch, turnId, completed);
            },
            ct
        );

    /// <summary>Either another run of the turn was first, or a person: only then nothing of it is in the thread.</summary>
    private async Task AbandonUnlessStoredAsync(PendingTurn turn, CancellationToken ct)
    {
        var isStored = await door.RunAsync(
            turn.WorkspaceId,
            Actor.Assistant,
            ctx =>
                ctx.ScalarAsync<bool>(
                    $"select exists (select from inbox.message where turn_id = {turn.TurnId} and author = 'assistant')",
                    ct
                ),
            ct
        );
        if (!isStored)
        {
            await AbandonAsync(turn.WorkspaceId, turn.TurnId, completed: true, ct);
        }
    }

    private static void Settle(SqlBatch batch, PendingTurn turn, TurnOutcome outcome)
    {
        batch.Withdraw(AnswerWatch.Kind, AnswerWatch.KeyOf(turn.TurnId));
        batch.Audit("assistant.answered", "turn", turn.TurnId, new { state = outcome.State.ToString(), outcome.Receipt.TokensOut });
        batch.Publish(Topics.Said, turn.VisitorId);
        // Last, because all turns of a workspace meet in its day's row.
        TurnLedger.Complete(batch, turn.TurnId, outcome);
    }
}
