using Tenet.Assistant;

namespace Tenet.Inbox.Answers;

/// <summary>Turns what the pipeline reports into what the readers are told.</summary>
internal sealed class AnswerProgress(PendingTurn turn, ConversationFeed feed)
{
    private int _offset;

    /// <summary>Code and text of the last notice, kept beside the answer.</summary>
    public TurnNotice? Notice { get; private set; }

    /// <returns>The outcome, once the turn has one.</returns>
    public TurnOutcome? Tell(TurnUpdate update)
    {
        switch (update)
        {
            case TurnStatus status:
                Publish(new TurnProgress(turn.TurnId, status.Line));
                return null;
            case TurnDelta { Text.Length: > 0 } delta:
                Publish(new AnswerDelta(turn.TurnId, _offset, delta.Text));
                _offset += delta.Text.Length;
                return null;
            case TurnRestart:
                _offset = 0;
                Publish(new AnswerDelta(turn.TurnId, 0, ""));
                return null;
            case TurnNotice notice:
                Notice = notice;
                Publish(new AnswerNotice(turn.TurnId, notice.Code, notice.Text));
                return null;
            case TurnCompleted completed:
                return completed.Outcome;
            default:
                return null;
        }
    }

    private void Publish(FeedItem item) => feed.Publish(turn.WorkspaceId, turn.VisitorId, item);
}
