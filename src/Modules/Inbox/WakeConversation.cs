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
                if (conversation is { State: ConversationState.Snoozed, SnoozedUntil: { } until } && until <= ctx.Now.AddSeconds(1))
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
