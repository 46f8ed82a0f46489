using Tenet.Assistant;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Answers;

/// <summary>The two statements of the hot path. Each does its decision and its write at once, under the conversation's row lock.</summary>
internal static class ConversationStatements
{
    /// <summary>
    /// Puts a visitor's message into their current conversation, which is made or opened again as needed. The message asks for a turn
    /// only while the assistant holds the conversation, never for who objected to its answers, and never while that purpose is stopped. Returns conversation, seq and whether a turn was asked for.
    /// </summary>
    public static Sql Receive(ReceivedMessage message, DateTimeOffset now) =>
        $"""
            with conversation as (
              insert into inbox.conversation as c
                     (id, visitor_id, channel, state, mode, last_seq, last_message_at, preview, page_url, page_title, created_at)
              select {message.NewConversationId}, {message.VisitorId}, 'widget',
                     case when objected then 'open' else 'pending' end, case when objected then 'waiting' else 'assistant' end, 1, {now}, {Message.PreviewOf(
                message.Text
            )},
                      {message.PageUrl}, {message.PageTitle}, {now}
                from (select {Purposes.Refused(message.VisitorId, Purpose.Assistance)} as objected) wish
              on conflict (workspace_id, visitor_id) where current
              do update set last_seq = c.last_seq + 1,
                            last_message_at = excluded.last_message_at,
                            preview = excluded.preview,
                            page_url = coalesce(excluded.page_url, c.page_url),
                            page_title = coalesce(excluded.page_title, c.page_title),
                            mode = case when excluded.mode = 'waiting' and c.mode = 'assistant' then 'waiting' else c.mode end,
                            state = case when c.mode = 'assistant' and excluded.mode = 'assistant' then 'pending' else 'open' end,
                            snoozed_until = null,
                            resolved_at = null
              returning c.id, c.last_seq, c.mode),
            message as (
              insert into inbox.message (conversation_id, seq, id, client_id, author, author_id, kind, text, turn_id, at)
              select id, last_seq, {message.Id}, {message.ClientId}, 'visitor', {message.VisitorId}, 'text', {message.Text},
                     case when mode = 'assistant' then {message.TurnId}::uuid end, {now}
                from conversation)
            select id, last_seq, mode = 'assistant' from conversation
            """;

    /// <summary>What was said before, newest first, for the assistant's context.</summary>
    public static Sql History(Guid visitorId, int count) =>
        $"""
            select m.author, m.text
              from inbox.conversation c
              join inbox.message m on m.workspace_id = c.workspace_id and m.conversation_id = c.id
             where c.visitor_id = {visitorId} and c.current and m.kind = 'text'
             order by m.seq desc
             limit {count}
            """;

    /// <summary>
    /// Puts the answer of a turn into its conversation, once, and only while the assistant still holds it. Returns the seq, or no row.
    /// </summary>
    public static Sql Answer(Guid conversationId, Guid turnId, Guid messageId, TurnOutcome outcome, string? notice, DateTimeOffset now) =>
        $"""
            with conversation as (
              update inbox.conversation c
                 set last_seq = c.last_seq + case when {notice}::text is null then 1 else 2 end,
                     last_message_at = {now}, preview = {Message.PreviewOf(outcome.Text)},
                     mode = case when {outcome.State} = 'handed_off' then 'waiting' else c.mode end,
                     state = case when {outcome.State} = 'handed_off' then 'open' else c.state end
               where c.id = {conversationId} and c.mode = 'assistant'
                 and not exists (select from inbox.message m where m.turn_id = {turnId} and m.author = 'assistant')
              returning c.last_seq),
            notice as (
              insert into inbox.message (conversation_id, seq, id, author, kind, text, at)
              select {conversationId}, last_seq - 1, {Guid.CreateVersion7(now)}, 'system', 'event', {notice}, {now}
                from conversation where {notice}::text is not null),
            message as (
              insert into inbox.message (conversation_id, seq, id, author, kind, text, citations, turn_id, turn_state, at)
              select {conversationId}, last_seq, {messageId}, 'assistant', 'text', {outcome.Text}, {CitationJson.Write(
                outcome.Citations
            )}::jsonb,
                     {turnId}, {outcome.State}, {now}
                from conversation)
            select last_seq from conversation
            """;
}

/// <summary>A visitor's message on its way in, with the ids it will have.</summary>
internal sealed record ReceivedMessage(
    Guid Id,
    Guid NewConversationId,
    Guid TurnId,
    Guid VisitorId,
    Guid ClientId,
    string Text,
    string? PageUrl,
    string? PageTitle
);
