using Tenet.Kernel.DataMaps;

namespace Tenet.Odoo.Writes;

internal enum ApprovalState
{
    Waiting,

    /// <summary>Approved; Odoo has not answered yet. One whose host is lost meanwhile becomes unknown: see <see cref="EndLostWrite"/>.</summary>
    Executing,
    Done,
    Declined,

    /// <summary>The record had changed; nothing was written.</summary>
    Conflict,
    Failed,

    /// <summary>Odoo did not say whether it did it, or its answer was lost with the host. Nothing is tried again.</summary>
    Unknown,
}

/// <summary>That something was proposed to a user and what became of it. What it was is in the ticket that the panel carries.</summary>
[Record("odoo.approval", Purpose.Assistance, Keep = OdooRules.Usage)]
[NoSubject(OdooRules.NumberOnly)]
internal sealed record Approval
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid TenantId { get; init; }

    [Operational]
    public Guid TurnId { get; init; }

    [Personal(Category.UniqueId)]
    public int Uid { get; init; }

    [Operational]
    public OdooAction Action { get; init; }

    /// <summary>SHA-256 over a random salt and the exact arguments.</summary>
    [Operational]
    public byte[] Hash { get; init; } = [];

    [Operational]
    public ApprovalState State { get; init; }

    /// <summary>A word of the contract when it failed.</summary>
    [Operational]
    public string? Fault { get; init; }

    [Operational]
    public DateTimeOffset ProposedAt { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }

    [Operational]
    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>That a user asked for a person: which number, when and in which chat.</summary>
[Record("odoo.help_request", Purpose.CustomerSupport, Keep = OdooRules.Sessions)]
[NoSubject(OdooRules.NumberOnly)]
internal sealed record HelpRequest
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid TenantId { get; init; }

    [Operational]
    public Guid SessionId { get; init; }

    [Personal(Category.UniqueId)]
    public int Uid { get; init; }

    [Operational]
    public DateTimeOffset AskedAt { get; init; }
}
