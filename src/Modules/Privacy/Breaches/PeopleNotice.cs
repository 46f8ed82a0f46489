using Npgsql;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

internal enum NoticeState
{
    /// <summary>It is being worked out who gets it.</summary>
    Gathering,
    Sending,
    Done,
}

/// <summary>The notice to the people that a breach concerns, as it was sent: Article 34 GDPR. There is one for each breach.</summary>
[Record("privacy.people_notice", Purpose.Accountability, Keep = "privacy.breaches")]
[NoSubject("A breach's words, kept as they were sent to everybody; they name nobody.")]
internal sealed record PeopleNotice
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid BreachId { get; init; }

    /// <summary>Everything but the letters.</summary>
    [Operational]
    public required bool IsDrill { get; init; }

    [Operational]
    public required NoticeState State { get; init; }

    [Personal(Category.Notes)]
    public required string What { get; init; }

    [Personal(Category.Notes)]
    public required string Measures { get; init; }

    [Personal(Category.Notes)]
    public required string Advice { get; init; }

    [Operational]
    public required string[] Tables { get; init; }

    /// <summary>People concerned, with or without an address.</summary>
    [Operational]
    public long People { get; init; }

    /// <summary>Addresses that get the notice, each once, whoever has it in how many places.</summary>
    [Operational]
    public long Addresses { get; init; }

    /// <summary>Letters handed to the relay, or in a drill: that would have been.</summary>
    [Operational]
    public long Sent { get; init; }

    /// <summary>Those who were erased, or whose address was taken away, before their turn came.</summary>
    [Operational]
    public long Gone { get; init; }

    [Operational, Mentions]
    public Guid? StartedBy { get; init; }

    [Operational]
    public required DateTimeOffset StartedAt { get; init; }

    [Operational]
    public DateTimeOffset? FinishedAt { get; init; }

    private static Sql Columns =>
        Sql.Constant(
            """
            id, breach_id, is_drill, state, what, measures, advice, tables, people, addresses, sent, gone, started_by, started_at, finished_at
              from privacy.people_notice
            """
        );

    /// <summary>Null when nobody has sent it.</summary>
    public static Task<PeopleNotice?> OfAsync(WorkspaceContext ctx, Guid breach, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync($"select {Columns} where breach_id = {breach}", Read, ct);

    /// <summary>Held until the transaction ends; null when there is none.</summary>
    public static Task<PeopleNotice?> HoldAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync($"select {Columns} where id = {id} for update", Read, ct);

    private static PeopleNotice Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            BreachId = row.GetGuid(1),
            IsDrill = row.GetBoolean(2),
            State = SqlValue.Enum<NoticeState>(row.GetString(3)),
            What = row.GetString(4),
            Measures = row.GetString(5),
            Advice = row.GetString(6),
            Tables = row.GetFieldValue<string[]>(7),
            People = row.GetInt64(8),
            Addresses = row.GetInt64(9),
            Sent = row.GetInt64(10),
            Gone = row.GetInt64(11),
            StartedBy = row.ValueOrNull<Guid>(12),
            StartedAt = row.GetFieldValue<DateTimeOffset>(13),
            FinishedAt = row.ValueOrNull<DateTimeOffset>(14),
        };
}

/// <summary>One of the rows by whose address the notice goes to a person.</summary>
[Record("privacy.notice_recipient", Purpose.Accountability, Keep = "privacy.breaches")]
internal sealed record NoticeRecipient
{
    [Operational]
    public required Guid NoticeId { get; init; }

    [Personal(Category.UniqueId), Refers(RefersAttribute.AnyPerson)]
    public required Guid PersonId { get; init; }

    [Operational]
    public DateTimeOffset? SentAt { get; init; }
}
