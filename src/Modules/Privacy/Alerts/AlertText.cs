using Tenet.Kernel.Screens;

namespace Tenet.Privacy.Alerts;

/// <summary>Alerts in words.</summary>
internal static class AlertText
{
    public static string Of(AlertType type) =>
        type switch
        {
            AlertType.Broken => "A promise is broken",
            AlertType.Recovered => "A promise holds again",
            _ => "Test",
        };

    public static string Of(AlertState state) =>
        state switch
        {
            AlertState.Delivered => "delivered",
            AlertState.GivenUp => "given up",
            _ => "waiting",
        };

    public static Tone ToneOf(AlertState state) =>
        state switch
        {
            AlertState.Delivered => Tone.Holds,
            AlertState.GivenUp => Tone.Broken,
            _ => Tone.Soon,
        };

    /// <summary>What the receiver answered, or why it could not be asked.</summary>
    public static string OfOutcome(string outcome) =>
        outcome switch
        {
            "private_address" => "the address lies inside a private network, which is not called",
            "unknown_host" => "the host's name is not known",
            "unreachable" => "the host cannot be reached",
            "too_slow" => "no answer within 15 seconds",
            "no_address" => "the address was removed",
            _ when outcome.All(char.IsAsciiDigit) => $"answered {outcome}",
            _ => "the call failed",
        };
}
