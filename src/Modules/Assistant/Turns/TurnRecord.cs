using Tenet.Kernel.DataMaps;

namespace Tenet.Assistant;

/// <summary>Where a turn was asked for.</summary>
public enum TurnOrigin
{
    Conversation,
    TestBench,
}

/// <summary>A turn's state and receipt. It holds no content and names no person.</summary>
[Record("assistant.turn", Purpose.Assistance, Keep = "assistant.turns")]
internal sealed record TurnRecord
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public TurnOrigin Origin { get; init; }

    /// <summary>"running", or a <see cref="TurnState"/>.</summary>
    [Operational]
    public string State { get; init; } = "";

    /// <summary>Counts up each time that a turn, lost with its host, is begun again.</summary>
    [Operational]
    public int Attempt { get; init; }

    [Operational]
    public DateTimeOffset StartedAt { get; init; }

    [Operational]
    public DateTimeOffset? CompletedAt { get; init; }

    [Operational]
    public string? Provider { get; init; }

    [Operational]
    public string? Model { get; init; }

    /// <summary>Hosts that data went to.</summary>
    [Operational]
    public string[] Recipients { get; init; } = [];

    /// <summary>Data classes that went there.</summary>
    [Operational]
    public string[] DataClasses { get; init; } = [];

    [Operational]
    public string[] Stored { get; init; } = [];

    [Operational]
    public int? Passages { get; init; }

    [Operational]
    public int? TokensIn { get; init; }

    [Operational]
    public int? TokensOut { get; init; }

    [Operational]
    public bool? TokensEstimated { get; init; }

    [Operational]
    public int? Calls { get; init; }

    [Operational]
    public string? Fallback { get; init; }

    [Operational]
    public int? DurationMs { get; init; }

    /// <summary>The reader's thumb; null when none was given.</summary>
    [Operational]
    public bool? Helpful { get; init; }
}

/// <summary>Tokens of one day in UTC, in several rows: turns that end at the same moment count in different ones and wait less for each other.</summary>
[Record("assistant.usage", Purpose.Assistance, Keep = "assistant.turns")]
internal sealed record UsageDay
{
    [Operational]
    public DateOnly Day { get; init; }

    /// <summary>Which of the day's rows; in a report, where they are summed, 0.</summary>
    [Operational]
    public short Slot { get; init; }

    [Operational]
    public long TokensIn { get; init; }

    [Operational]
    public long TokensOut { get; init; }

    [Operational]
    public int Turns { get; init; }
}
