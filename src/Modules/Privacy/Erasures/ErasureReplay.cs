using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Erasures;

/// <summary>An entry of the ledger outside that this database did not know, because it was restored from before; applied again.</summary>
[Record("privacy.erasure_replay", Purpose.Accountability, Keep = "privacy.ledger")]
internal sealed record ErasureReplay
{
    [Operational]
    public required Guid ErasureId { get; init; }

    [Operational]
    public required DateTimeOffset At { get; init; }
}
