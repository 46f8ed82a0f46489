using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Answers;

/// <summary>An answer of the assistant with the question before it, by its message's id or its turn's.</summary>
internal static class StoredAnswer
{
    public static Task<GivenAnswer?> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync(
            $"""
            select m.turn_id, c.visitor_id, m.text, m.at, c.id, m.seq,
                   (select q.text from inbox.message q
                     where q.conversation_id = m.conversation_id and q.turn_id = m.turn_id and q.author = 'visitor' order by q.seq desc limit 1)
              from inbox.message m
              join inbox.conversation c on c.workspace_id = m.workspace_id and c.id = m.conversation_id
             where (m.id = {id} or m.turn_id = {id}) and m.author = 'assistant' and m.turn_id is not null
             order by m.seq desc limit 1
            """,
            row => new GivenAnswer(
                row.GetGuid(0),
                row.GetGuid(1),
                row.TextOrNull(6),
                row.GetString(2),
                row.GetFieldValue<DateTimeOffset>(3),
                $"/inbox/{row.GetGuid(4)}#m-{row.GetInt64(5)}"
            ),
            ct
        );
}
