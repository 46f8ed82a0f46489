using Tenet.Inbox.Answers;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;

namespace Tenet.Tests.Inbox;

/// <summary>A question as a host leaves it that is killed right after it stored it: acknowledged, and its turn runs nowhere.</summary>
internal static class LostTurn
{
    public static async Task<ReceivedMessage> LeaveAsync(TestHost host, Workspace workspace, Guid visitor, Guid? clientId = null)
    {
        var message = new ReceivedMessage(
            Guid.CreateVersion7(),
            Guid.CreateVersion7(),
            Guid.CreateVersion7(),
            visitor,
            clientId ?? Guid.CreateVersion7(),
            "Where is the tent?",
            null,
            null
        );
        await host.Door.BatchAsync(
            workspace.Id,
            Actor.Visitor(visitor),
            batch =>
            {
                batch.Add(ConversationStatements.Receive(message, batch.Now));
                batch.Enqueue(AnswerWatch.Kind, message.TurnId, AnswerWatch.Patience, AnswerWatch.KeyOf(message.TurnId));
            },
            CancellationToken.None
        );
        return message;
    }
}
