using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;

namespace Tenet.Privacy.Breaches;

/// <summary>How far it is known and dealt with; each follows on the one before.</summary>
public enum BreachState
{
    Suspected,
    Confirmed,
    Contained,
    Mitigated,
    Closed,
}

/// <summary>A breach of personal data in one workspace: Articles 33 and 34 GDPR. A drill is one in everything but that nobody outside is told.</summary>
[Record("privacy.breach", Purpose.Accountability, Keep = "privacy.breaches")]
[NoSubject("Says what happened, to which kinds of data, and to how many; its texts are for authorities and name nobody.")]
internal sealed record Breach
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>From 1 in each workspace, for people.</summary>
    [Operational]
    public required int Number { get; init; }

    [Operational]
    public required BreachState State { get; init; }

    [Operational]
    public required bool IsDrill { get; init; }

    /// <summary>It happened at the operator's, the processor, who owes the workspace a notice.</summary>
    [Operational]
    public required bool IsOperators { get; init; }

    [Personal(Category.Notes)]
    public required string Title { get; init; }

    /// <summary>What happened.</summary>
    [Personal(Category.Notes)]
    public required string What { get; init; }

    /// <summary>What was done about it.</summary>
    [Personal(Category.Notes)]
    public string? Measures { get; init; }

    /// <summary>What the people concerned can do.</summary>
    [Personal(Category.Notes)]
    public string? Advice { get; init; }

    /// <summary>The tables concerned, with their schemas.</summary>
    [Operational]
    public required string[] Tables { get; init; }

    /// <summary>When it began; null when nobody knows.</summary>
    [Operational]
    public DateTimeOffset? BeganAt { get; init; }

    [Operational]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The broken promise that it came to light by.</summary>
    [Operational]
    public Guid? IncidentId { get; init; }

    /// <summary>From then on the clocks run: Article 33(1) and (2).</summary>
    [Operational]
    public required DateTimeOffset AwareAt { get; init; }

    [Operational]
    public required DateTimeOffset AuthorityDueAt { get; init; }

    [Operational]
    public required DateTimeOffset CustomersDueAt { get; init; }

    [Operational]
    public DateTimeOffset? AuthorityToldAt { get; init; }

    /// <summary>Why it need not be told: it is unlikely to result in a risk (Article 33(1)).</summary>
    [Personal(Category.Notes)]
    public string? AuthorityNotTold { get; init; }

    /// <summary>The reasons for the delay.</summary>
    [Personal(Category.Notes)]
    public string? AuthorityLate { get; init; }

    [Operational]
    public DateTimeOffset? CustomersToldAt { get; init; }

    [Personal(Category.Notes)]
    public string? CustomersLate { get; init; }

    [Operational]
    public DateTimeOffset? PeopleToldAt { get; init; }

    /// <summary>How many people have rows in the tables concerned; null while nobody has counted.</summary>
    [Operational]
    public long? People { get; init; }

    [Operational]
    public DateTimeOffset? CountedAt { get; init; }

    [Operational, Mentions]
    public Guid? OpenedBy { get; init; }

    [Operational]
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The operator's breach that this is the workspace's part of.</summary>
    [Operational]
    public Guid? OperatorsId { get; init; }

    /// <summary>When the operator became aware of it; the workspace did when it was told.</summary>
    [Operational]
    public DateTimeOffset? OperatorsAwareAt { get; init; }

    /// <summary>Whether the authority's clock is over, one way or the other.</summary>
    [NoColumn]
    public bool IsAuthoritySettled => AuthorityToldAt is not null || AuthorityNotTold is not null;

    [NoColumn]
    public BreachState? Next => State is BreachState.Closed ? null : State + 1;

    /// <exception cref="ConflictException">It cannot go on yet; the message says what is missing.</exception>
    public void DemandMayGoOn()
    {
        if (State is BreachState.Closed)
        {
            throw new ConflictException("This breach is closed.");
        }
        if (Next is not BreachState.Closed)
        {
            if (OperatorsId is not null)
            {
                throw new ConflictException(
                    "This happened at the operator, who says how far it is. Once it is mitigated you close it here."
                );
            }
            return;
        }
        if (!IsAuthoritySettled)
        {
            throw new ConflictException("Say first when the authority was told, or why it need not be.");
        }
        if (IsOperators && CustomersToldAt is null)
        {
            throw new ConflictException("Say first when the customers were told.");
        }
        if (string.IsNullOrWhiteSpace(Measures))
        {
            throw new ConflictException("Write down first what was done about it.");
        }
    }
}

[Record("privacy.breach_step", Purpose.Accountability, Keep = "privacy.breaches")]
[NoSubject("A line of a breach's history, which names nobody but by id who wrote it.")]
internal sealed record BreachStep
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

    [Operational, Mentions]
    public Guid? By { get; init; }
}
