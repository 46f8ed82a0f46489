using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

/// <summary>How old conversations become: as the policy says, or as the workspace has chosen within it.</summary>
internal static class ConversationAge
{
    public static RetentionClock Clock { get; } =
        new(
            ExpireConversations.Rule,
            "after the last message",
            look =>
                $"select count(*) from (select from inbox.conversation where last_message_at < {look.Before} and {Left(look.Method)} limit 1000) late"
        )
        {
            Title = "Conversations and visitors",
            Methods = [RetentionMethod.Delete, RetentionMethod.Aggregate, RetentionMethod.Anonymise],
            Choice = async (ctx, ct) =>
                await ctx.ScalarAsync<int>($"select keep_days from inbox.widget", ct) is > 0 and var days
                    ? new Period(0, TimeSpan.FromDays(days))
                    : null,
        };

    /// <summary>Those with whom there is something left to do.</summary>
    public static Sql Left(RetentionMethod method) => method is RetentionMethod.Anonymise ? OfSomebody : Sql.Constant("true");

    /// <summary>Whose visitor is known; the others are anonymous.</summary>
    public static Sql OfSomebody => Sql.Constant("visitor_id <> '00000000-0000-0000-0000-000000000000'");

    /// <summary>In whole days, for the sentence that visitors read.</summary>
    public static async Task<int> DaysAsync(WorkspaceContext ctx, PolicySettings settings, CancellationToken ct) =>
        await settings.KeepAsync(ctx, ExpireConversations.Rule, ct) is { } keep ? (int)Math.Ceiling(keep.Approximately.TotalDays) : 0;
}
