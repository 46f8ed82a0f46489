using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Events;

/// <summary>Something of a workspace changed. Carries ids only; who is interested reads the rest through the door.</summary>
public sealed record WorkspaceEvent(Guid WorkspaceId, string Topic, Guid Id)
{
    /// <summary>Sent to every subscriber after a gap in delivery: read everything again.</summary>
    public const string Resync = "resync";

    /// <summary>Committed on this node, whose in-process feeds may have told their readers more already.</summary>
    public bool FromThisNode { get; init; }

    /// <summary>The key of its row in the outbox, by which a node knows what it has told already.</summary>
    internal Guid EventId { get; init; }
}

[Record("kernel.event", Purpose.Operations, Keep = "kernel.events")]
internal sealed record OutboxEvent
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required string Topic { get; init; }

    [Operational]
    public required Guid SubjectId { get; init; }

    [Operational]
    public DateTimeOffset At { get; init; }

    /// <summary>The writing transaction, so that a reader never steps over one that is still open.</summary>
    [Operational]
    public string Tx { get; init; } = "";
}
