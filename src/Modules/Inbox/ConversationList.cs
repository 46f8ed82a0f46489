using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Tenet.Assistant;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

/// <summary>A conversation as a row of the list.</summary>
public sealed record ConversationRow(
    Guid Id,
    Guid VisitorId,
    string Visitor,
    ConversationState State,
    ConversationMode Mode,
    Guid? AssigneeId,
    string? Assignee,
    string Preview,
    DateTimeOffset LastMessageAt
);

/// <summary>Where a list of conversations goes on.</summary>
internal sealed record ConversationPlace(DateTimeOffset At, Guid Id);

public sealed record TeamMessageView(
    Guid Id,
    long Seq,
    MessageAuthor Author,
    string? AuthorName,
    MessageKind Kind,
    string Text,
    IReadOnlyList<Citation> Citations,
    Guid? TurnId,
    TurnState? TurnState,
    bool? Helpful,
    string? Comment,
    DateTimeOffset At
)
{
    public TurnReceipt? Receipt { get; init; }

    /// <summary>Wishes that a person looks at this answer, and what came of them.</summary>
    public IReadOnlyList<AnswerReview> Reviews { get; init; } = [];
}

public sealed record ConversationDetail(ConversationRow Conversation, VisitorView Visitor, IReadOnlyList<TeamMessageView> Messages);

public sealed record VisitorView(
    Guid Id,
    string Label,
    string? Name,
    string? Email,
    bool Verified,
    string Language,
    string? PageUrl,
    string? PageTitle,
    DateTimeOffset CreatedAt,
    DateTimeOffset SeenAt
);

/// <summary>Reads the inbox, newest first, a page at a time.</summary>
internal static class ConversationList
{
    public static readonly IReadOnlyCollection<string> States = ["open", "pending", "snoozed", "resolved"];
    private const int PageSize = 40;
    private const int NewestMessages = 500;

    public static async Task<PageOf<ConversationRow>> PageAsync(WorkspaceContext ctx, string state, string? after, CancellationToken ct)
    {
        var list = "conversations " + state;
        var place = ctx.Place<ConversationPlace>(list, after);
        Sql all = $"true";
        Sql older = $"(c.last_message_at, c.id) < ({place?.At}, {place?.Id})";
        var rows = await ctx.ListAsync(
            $"""
            {Rows}
             where c.state = {state} and {(place is null ? all : older)}
             order by c.last_message_at desc, c.id desc
             limit {PageSize + 1}
            """,
            Read,
            ct
        );
        return ctx.Page(list, rows, PageSize, row => new ConversationPlace(row.LastMessageAt, row.Id));
    }

    /// <summary>The latest conversations whose visitor or latest words contain what was typed.</summary>
    public static Task<List<ConversationRow>> RecentAsync(WorkspaceContext ctx, string typed, CancellationToken ct)
    {
        var pattern =
            "%"
            + typed
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("%", "\\%", StringComparison.Ordinal)
                .Replace("_", "\\_", StringComparison.Ordinal)
            + "%";
        return ctx.ListAsync(
            $"""
            select * from ({Rows} order by c.last_message_at desc limit 200) recent
             where coalesce(name, '') ilike {pattern} or coalesce(email, '') ilike {pattern} or preview ilike {pattern}
             limit 8
            """,
            Read,
            ct
        );
    }

    /// <summary>How many conversations there are in each state that asks for attention.</summary>
    public static async Task<Dictionary<string, long>> CountsAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var counts = await ctx.ListAsync(
            $"select state, count(*) from inbox.conversation where state <> 'resolved' group by state",
            row => (State: row.GetString(0), Count: row.GetInt64(1)),
            ct
        );
        return counts.ToDictionary(c => c.State, c => c.Count, StringComparer.Ordinal);
    }

    public static async Task<ConversationDetail?> DetailAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var row = await ctx.FirstOrDefaultAsync($"{Rows} where c.id = {id}", Read, ct);
        if (row is null)
        {
            return null;
        }
        var db = ctx.Db<InboxDb>();
        var visitor = await db.Visitors.AsNoTracking().SingleAsync(v => v.Id == row.VisitorId, ct);
        var page = await db.Conversations.AsNoTracking().Where(c => c.Id == id).Select(c => new { c.PageUrl, c.PageTitle }).SingleAsync(ct);
        var messages = await ctx.ListAsync(
            $"""
            select m.id, m.seq, m.author, a.name, m.kind, m.text, m.citations, m.turn_id, m.turn_state, m.helpful, m.comment, m.at
              from inbox.message m
              left join accounts.member a on a.workspace_id = m.workspace_id and a.id = m.author_id
             where m.conversation_id = {id}
             order by m.seq desc
             limit {NewestMessages}
            """,
            ReadMessage,
            ct
        );
        messages.Reverse();
        Guid[] turns =
        [
            .. messages.Where(message => message.Author == MessageAuthor.Assistant).Select(message => message.TurnId).OfType<Guid>(),
        ];
        var receipts = await TurnReceipts.ReadAsync(ctx, turns, ct);
        var reviews = (await ctx.Services.GetRequiredService<ReviewsOfAnswers>()(ctx, turns, ct)).ToLookup(review => review.TurnId);
        messages = messages.ConvertAll(message =>
            message is { Author: MessageAuthor.Assistant, TurnId: { } turn }
                ? message with
                {
                    Receipt = receipts.GetValueOrDefault(turn),
                    Reviews = [.. reviews[turn]],
                }
                : message
        );
        return new ConversationDetail(
            row,
            new VisitorView(
                visitor.Id,
                visitor.Label,
                visitor.Name,
                visitor.Email,
                visitor.Verified,
                visitor.Language,
                page.PageUrl,
                page.PageTitle,
                visitor.CreatedAt,
                visitor.SeenAt
            ),
            messages
        );
    }

    private static Sql Rows =>
        $"""
            select c.id, c.visitor_id, v.name, v.email, c.state, c.mode, c.assignee_id, a.name as assignee, c.preview, c.last_message_at
              from inbox.conversation c
              join inbox.visitor v on v.workspace_id = c.workspace_id and v.id = c.visitor_id and {ConversationAge.OfSomebody}
              left join accounts.member a on a.workspace_id = c.workspace_id and a.id = c.assignee_id
            """;

    private static ConversationRow Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetGuid(1),
            new Visitor
            {
                Id = row.GetGuid(1),
                Name = row.TextOrNull(2),
                Email = row.TextOrNull(3),
            }.Label,
            SqlValue.Enum<ConversationState>(row.GetString(4)),
            SqlValue.Enum<ConversationMode>(row.GetString(5)),
            row.ValueOrNull<Guid>(6),
            row.TextOrNull(7),
            row.GetString(8),
            row.GetFieldValue<DateTimeOffset>(9)
        );

    private static TeamMessageView ReadMessage(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetInt64(1),
            SqlValue.Enum<MessageAuthor>(row.GetString(2)),
            row.TextOrNull(3),
            SqlValue.Enum<MessageKind>(row.GetString(4)),
            row.GetString(5),
            CitationJson.Read(row.TextOrNull(6)),
            row.ValueOrNull<Guid>(7),
            row.IsDBNull(8) ? null : SqlValue.Enum<TurnState>(row.GetString(8)),
            row.ValueOrNull<bool>(9),
            row.TextOrNull(10),
            row.GetFieldValue<DateTimeOffset>(11)
        );
}
