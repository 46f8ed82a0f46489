using Tenet.Kernel.DataMaps;

namespace Tenet.Odoo.Turns;

/// <summary>A chat in somebody's Odoo: that it is, whose number it is and what kind of records it was about.</summary>
[Record("odoo.session", Purpose.Assistance, Keep = OdooRules.Sessions)]
[NoSubject(OdooRules.NumberOnly)]
internal sealed record CopilotSession
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid TenantId { get; init; }

    [Personal(Category.UniqueId)]
    public int Uid { get; init; }

    [Operational]
    public TurnTitle Title { get; init; }

    [Operational]
    public DateTimeOffset OpenedAt { get; init; }

    [Operational]
    public DateTimeOffset LastAt { get; init; }
}

internal enum CopilotState
{
    Running,
    Answered,
    NotFound,

    /// <summary>For the user's approval of a write.</summary>
    Waiting,

    /// <summary>A figure came from nowhere: not charged.</summary>
    Ungrounded,
    Failed,

    /// <summary>The panel went away before the end.</summary>
    Cut,
}

/// <summary>One question and its answer, in numbers.</summary>
[Record("odoo.turn", Purpose.Assistance, Keep = OdooRules.Usage)]
[NoSubject(OdooRules.NumberOnly)]
internal sealed record CopilotTurnRecord
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid SessionId { get; init; }

    [Personal(Category.UniqueId)]
    public int Uid { get; init; }

    [Operational]
    public CopilotState State { get; init; }

    /// <summary>A code of docs/odoo.md when it failed.</summary>
    [Operational]
    public string? Fault { get; init; }

    [Operational]
    public DateTimeOffset StartedAt { get; init; }

    [Operational]
    public DateTimeOffset? CompletedAt { get; init; }

    [Operational]
    public string? Provider { get; init; }

    /// <summary>The model's name as the workspace's admin chose it; null when it is no plain name.</summary>
    [Operational]
    public string? Model { get; init; }

    /// <summary>Where the prompt went.</summary>
    [Operational]
    public string? Host { get; init; }

    [Operational]
    public int TokensIn { get; init; }

    [Operational]
    public int TokensOut { get; init; }

    [Operational]
    public int ToolCalls { get; init; }

    [Operational]
    public int? DurationMs { get; init; }

    [Operational]
    public bool? Helpful { get; init; }

    /// <summary>One of four words, beside a thumb down.</summary>
    [Operational]
    public string? Reason { get; init; }
}

/// <summary>That a tool was called: its name, when, how long and how many tokens its result was; nothing of what it carried.</summary>
[Record("odoo.tool_call", Purpose.Assistance, Keep = OdooRules.Usage)]
internal sealed record ToolCallRecord
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid TurnId { get; init; }

    [Operational]
    public string Tool { get; init; } = "";

    [Operational]
    public DateTimeOffset At { get; init; }

    [Operational]
    public int DurationMs { get; init; }

    [Operational]
    public int Tokens { get; init; }

    [Operational]
    public string? Fault { get; init; }
}
