using Tenet.Kernel.DataMaps;

namespace Tenet.Odoo.Switches;

/// <summary>What the copilot may do in a workspace. Without a row: everybody asks, and who may change records in Odoo may have it proposed.</summary>
[Record("odoo.switches", Purpose.Assistance, Keep = OdooRules.Switches)]
internal sealed record SwitchSheet
{
    [Operational]
    public Guid Id { get; init; }

    /// <summary>The lowest of the addon's groups that may ask.</summary>
    [Operational]
    public string Asking { get; init; } = "user";

    [Operational]
    public bool ReadOnly { get; init; }

    /// <summary>Since when the workspace's admin has it off.</summary>
    [Operational]
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>Since when the operator has it off.</summary>
    [Operational]
    public DateTimeOffset? HaltedAt { get; init; }

    [Operational]
    public string CreateRecord { get; init; } = "writer";

    [Operational]
    public string UpdateRecord { get; init; } = "writer";

    [Operational]
    public string ArchiveRecord { get; init; } = "writer";

    [Operational]
    public string ConfirmOrder { get; init; } = "writer";

    [Operational]
    public string PostMessage { get; init; } = "writer";

    [Operational]
    public string ScheduleActivity { get; init; } = "writer";

    [Operational]
    public DateTimeOffset ChangedAt { get; init; }
}
