using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>A request as a row of the board.</summary>
internal sealed record RequestRow(
    Guid Id,
    RequestRegime Regime,
    RequestKind Kind,
    RequestState State,
    RequestSource Source,
    RequestIdentity Identity,
    string? Email,
    string? Name,
    DateTimeOffset ReceivedAt,
    DateTimeOffset RespondBy,
    DateTimeOffset DueAt,
    DateTimeOffset? RespondedAt,
    DateTimeOffset? ClosedAt,
    bool Repeated
)
{
    public bool IsOverdue(DateTimeOffset now) => ClosedAt is null && DueAt < now;

    public int DaysLeft(DateTimeOffset now) => (int)Math.Floor((DueAt - now).TotalDays);
}

internal sealed record RequestStep(string Step, string? Note, ActorKind ByKind, string? By, DateTimeOffset At);

/// <param name="Disputed">For a human review: the answer that a person looks at; null when none was named, or it is gone.</param>
internal sealed record RequestDetail(
    RequestRow Request,
    string? Details,
    string? Answer,
    string Language,
    DenialGround? DeniedFor,
    bool Extended,
    Guid? ErasureId,
    Guid? ExportId,
    IReadOnlyList<RequestStep> Steps,
    GivenAnswer? Disputed
);

internal sealed record RequestPlace(DateTimeOffset At, Guid Id);

/// <summary>Reads requests for the team: the open ones by their deadlines, the closed ones newest first.</summary>
internal static class RequestBoard
{
    public static readonly IReadOnlyCollection<string> Lists = ["open", "closed"];

    public static async Task<PageOf<RequestRow>> PageAsync(
        WorkspaceContext ctx,
        string list,
        string? after,
        int limit,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        validation.OneOf("list", list, Lists);
        validation.Number("limit", limit, 1, 200);
        validation.Throw();
        var name = "requests " + list;
        var place = ctx.Place<RequestPlace>(name, after);
        var isOpen = list == "open";
        var which = Sql.Constant(isOpen ? "closed_at is null" : "closed_at is not null");
        Sql all = $"true";
        Sql later = $"(due_at, id) > ({place?.At}, {place?.Id})";
        Sql older = $"(closed_at, id) < ({place?.At}, {place?.Id})";
        var further =
            place is null ? all
            : isOpen ? later
            : older;
        var order = Sql.Constant(isOpen ? "due_at, id" : "closed_at desc, id desc");
        var rows = await ctx.ListAsync($"{Columns} where {which} and {further} order by {order} limit {limit + 1}", Read, ct);
        return ctx.Page(name, rows, limit, row => new RequestPlace(isOpen ? row.DueAt : row.ClosedAt!.Value, row.Id));
    }

    public static async Task<RequestDetail> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var row = await ctx.FirstOrDefaultAsync($"{Columns} where id = {id}", Read, ct) ?? throw new NotFoundException("request");
        var steps = await ctx.ListAsync(
            $"""
            select e.step, e.note, e.by_kind, m.name, e.at from privacy.request_event e
              left join accounts.member m on m.id = e.by_id where e.request_id = {id} order by e.at, e.id
            """,
            step => new RequestStep(
                step.GetString(0),
                step.TextOrNull(1),
                SqlValue.Enum<ActorKind>(step.GetString(2)),
                step.TextOrNull(3),
                step.GetFieldValue<DateTimeOffset>(4)
            ),
            ct
        );
        var (detail, turn) = await ctx.FirstOrDefaultAsync(
            $"""
            select details, answer, language, denied_for, extended_at is not null, erasure_id, export_id, turn_id
              from privacy.request where id = {id}
            """,
            more =>
                (
                    new RequestDetail(
                        row,
                        more.TextOrNull(0),
                        more.TextOrNull(1),
                        more.GetString(2),
                        more.IsDBNull(3) ? null : SqlValue.Enum<DenialGround>(more.GetString(3)),
                        more.GetBoolean(4),
                        more.ValueOrNull<Guid>(5),
                        more.ValueOrNull<Guid>(6),
                        steps,
                        Disputed: null
                    ),
                    more.ValueOrNull<Guid>(7)
                ),
            ct
        );
        if (detail is null)
        {
            throw new NotFoundException("request");
        }
        return turn is { } answered
            ? detail with
            {
                Disputed = await ctx.Services.GetRequiredService<FindAnswer>()(ctx, answered, ct),
            }
            : detail;
    }

    /// <summary>The newest requests that a person made from their account or the chat.</summary>
    public static Task<List<RequestRow>> OfPersonAsync(WorkspaceContext ctx, Guid person, CancellationToken ct) =>
        ctx.ListAsync($"{Columns} where person_id = {person} order by received_at desc limit 20", Read, ct);

    /// <summary>How many wait for the team; null for none.</summary>
    public static async Task<int?> CountOpenAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await ctx.ScalarAsync<long>(
            $"select count(*) from (select from privacy.request where closed_at is null and state not in ('verifying', 'waiting_for_input') limit 100) waiting",
            ct
        )
            is > 0
                and var count
            ? (int)count
            : null;

    private static Sql Columns =>
        $"""
            select id, regime, kind, state, source, identity, email, name, received_at, respond_by, due_at, responded_at, closed_at, repeated
              from privacy.request
            """;

    private static RequestRow Read(Npgsql.NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            SqlValue.Enum<RequestRegime>(row.GetString(1)),
            SqlValue.Enum<RequestKind>(row.GetString(2)),
            SqlValue.Enum<RequestState>(row.GetString(3)),
            SqlValue.Enum<RequestSource>(row.GetString(4)),
            SqlValue.Enum<RequestIdentity>(row.GetString(5)),
            row.TextOrNull(6),
            row.TextOrNull(7),
            row.GetFieldValue<DateTimeOffset>(8),
            row.GetFieldValue<DateTimeOffset>(9),
            row.GetFieldValue<DateTimeOffset>(10),
            row.ValueOrNull<DateTimeOffset>(11),
            row.ValueOrNull<DateTimeOffset>(12),
            row.GetBoolean(13)
        );
}
