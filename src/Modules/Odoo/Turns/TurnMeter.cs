using System.Text.RegularExpressions;
using Tenet.Assistant;

namespace Tenet.Odoo.Turns;

internal readonly record struct MeteredCall(string Tool, DateTimeOffset At, int DurationMs, int Tokens, string? Fault);

/// <summary>All that outlives a turn: numbers, times and words from our own lists. Nothing of it is made from what was said or read.</summary>
internal sealed partial class TurnMeter
{
    public required Guid TurnId { get; init; }
    public required Guid SessionId { get; init; }
    public required Guid TenantId { get; init; }
    public required int Uid { get; init; }
    public required string Provider { get; init; }
    public required string Host { get; init; }

    /// <summary>Null when it is no plain name, which is all that the table takes.</summary>
    public required string? Model { get; init; }
    public required DateTimeOffset StartedAt { get; init; }

    public CopilotState State { get; set; } = CopilotState.Running;
    public string? Fault { get; set; }
    public TurnTitle Title { get; set; }
    public int TokensIn { get; set; }
    public int TokensOut { get; set; }

    /// <summary>Whole credits that it cost; 0 where nothing is counted.</summary>
    public int Charged { get; set; }

    /// <summary>Null where nothing is counted.</summary>
    public int? CreditsLeft { get; set; }

    /// <summary>What failed, was cut off, found nothing, or holds a figure from nowhere costs nothing.</summary>
    public bool IsCharged => State is CopilotState.Answered or CopilotState.Waiting;

    public List<MeteredCall> Calls { get; } = [];

    public void Failed(string fault) => (State, Fault) = (CopilotState.Failed, fault);

    /// <returns>The name as it can be counted; null when it holds a space or what else no model's name needs.</returns>
    public static string? PlainName(string model) => Plain().IsMatch(model) ? model : null;

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}\z", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Plain();

    public static string CodeOf(ModelFault fault) =>
        fault switch
        {
            ModelFault.RefusedKey or ModelFault.NoCredit => "model_refused_key",
            ModelFault.RateLimited => "model_rate_limited",
            _ => "model_failed",
        };
}
