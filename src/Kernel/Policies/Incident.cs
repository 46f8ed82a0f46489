using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Policies;

/// <summary>A time in which a claim of a promise did not hold: from the look that saw it broken to the one that saw it hold again.</summary>
[Record("kernel.incident", Purpose.Accountability, Keep = "kernel.workspaces")]
public sealed record Incident
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required string PromiseId { get; init; }

    [Operational]
    public required int ClaimNumber { get; init; }

    /// <summary>What the first look saw: names of tables, counts, times.</summary>
    [Operational]
    public required string Says { get; init; }

    [Operational]
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When the letters about it went out.</summary>
    [Operational]
    public DateTimeOffset? AlertedAt { get; init; }

    [Operational]
    public DateTimeOffset? ClosedAt { get; init; }
}
