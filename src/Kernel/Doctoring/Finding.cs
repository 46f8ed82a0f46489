namespace Tenet.Kernel.Doctoring;

/// <summary>How something stands: nothing to do, to be looked at, or broken.</summary>
public enum Verdict
{
    Green,
    Yellow,
    Red,
}

/// <param name="Check">Stable, for machines: <c>postgres.fsync</c>.</param>
/// <param name="Says">What was found, in a sentence. Never content, never a secret.</param>
/// <param name="NextStep">What to do about it; null when it is well.</param>
public sealed record Finding(string Check, Verdict Verdict, string Says, string? NextStep = null)
{
    internal static Finding Green(string check, string says) => new(check, Verdict.Green, says);

    internal static Finding Yellow(string check, string says, string nextStep) => new(check, Verdict.Yellow, says, nextStep);

    internal static Finding Red(string check, string says, string nextStep) => new(check, Verdict.Red, says, nextStep);
}
