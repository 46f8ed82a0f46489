using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Breaches;

/// <summary>A breach at the operator, the processor, over several workspaces: Article 33(2) GDPR. A drill is told to none of them.</summary>
[Record("privacy.operator_breach", Purpose.Accountability, Keep = "kernel.installation")]
[NoSubject("Says what happened at the operator, to which kinds of data; its texts go to every workspace concerned and name nobody.")]
public sealed record OperatorBreach
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>From 1 in the installation.</summary>
    [Operational]
    public required int Number { get; init; }

    [Operational]
    public required BreachState State { get; init; }

    [Operational]
    public required bool IsDrill { get; init; }

    [Personal(Category.Notes)]
    public required string Title { get; init; }

    [Personal(Category.Notes)]
    public required string What { get; init; }

    [Personal(Category.Notes)]
    public string? Measures { get; init; }

    /// <summary>The tables concerned, with their schemas.</summary>
    [Operational]
    public required string[] Tables { get; init; }

    [Operational]
    public DateTimeOffset? BeganAt { get; init; }

    [Operational]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the operator became aware: from then on it owes its customers a notice without undue delay.</summary>
    [Operational]
    public required DateTimeOffset AwareAt { get; init; }

    /// <summary>Why customers were told late.</summary>
    [Personal(Category.Notes)]
    public string? Late { get; init; }

    /// <summary>A workspace whose part is older has not been told the newest yet.</summary>
    [Operational]
    public required DateTimeOffset ChangedAt { get; init; }

    [Operational]
    public DateTimeOffset? ClosedAt { get; init; }

    [NoColumn]
    public BreachState? Next => State is BreachState.Closed ? null : State + 1;
}

/// <summary>A line of its history.</summary>
[Record("privacy.operator_breach_step", Purpose.Accountability, Keep = "kernel.installation")]
[NoSubject("A line of the history of a breach at the operator, which names nobody.")]
public sealed record OperatorBreachStep
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid BreachId { get; init; }

    [Operational]
    public required DateTimeOffset At { get; init; }

    [Operational]
    public required string Kind { get; init; }

    [Personal(Category.Notes)]
    public required string Text { get; init; }
}

/// <summary>A workspace that the breach may concern. What it reads of it stands in its own register.</summary>
[Record("privacy.operator_breach_part", Purpose.Accountability, Keep = "kernel.installation")]
public sealed record OperatorBreachPart
{
    [Operational]
    public required Guid BreachId { get; init; }

    /// <summary>The workspace.</summary>
    [Operational]
    public required Guid Concerned { get; init; }

    /// <summary>The operator named it: it is told even when it has no rows there now.</summary>
    [Operational]
    public required bool IsNamed { get; init; }

    /// <summary>Null until they were counted.</summary>
    [Operational]
    public long? People { get; init; }

    /// <summary>The categories of data that it has rows of.</summary>
    [Operational]
    public string[]? Categories { get; init; }

    [Operational]
    public DateTimeOffset? CountedAt { get; init; }

    /// <summary>By when its policy says that it is told.</summary>
    [Operational]
    public DateTimeOffset? DueAt { get; init; }

    [Operational]
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>The state of the breach that it was told of last: <see cref="OperatorBreach.ChangedAt"/>.</summary>
    [Operational]
    public DateTimeOffset? ToldOf { get; init; }

    /// <summary>Nobody told it, and nobody has to: it has nothing in these tables.</summary>
    [NoColumn]
    public bool HasNothing => CountedAt is not null && !IsNamed && Categories is [];
}
