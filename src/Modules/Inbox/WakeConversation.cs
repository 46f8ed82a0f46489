using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

/// <summary>Opens a snoozed conversation again when its time has come.</summary>
internal sealed class WakeConversation(WorkspaceScope door) : IJob
{
    public const string Kind = "inbox.wake";

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                var conversation = await ctx.Db<InboxDb>()
                    .Conversations.FromSql($"select * from inbox.conversation where id = {job.SubjectId} for update")
                    .SingleOrDefaultAsync(ct);
                if (conversation is not { State: ConversationState.Snoozed, SnoozedUntil: { } until })
                {
                    return;
                }
                if (until > ctx.Now.AddSeconds(1))
                {
                    // Snoozed anew for longer; or this node's clock is not the one that the jobs go by.
                    ctx.Enqueue(Kind, conversation.Id, until - ctx.Now);
                }
                else
                {
                    conversation.Reopen();
                    ctx.Say(conversation, MessageAuthor.System, null, MessageKind.Event, EventTexts.Reopened);
                    ctx.Audit("conversation.woken", "conversation", conversation.Id);
                    ctx.Publish(Topics.Conversation, conversation.VisitorId);
                }
            },
            ct
        );
}
