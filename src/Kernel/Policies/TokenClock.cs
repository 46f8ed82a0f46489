namespace Tenet.Kernel.Policies;

/// <summary>A kind of token, and how its longest life among what is stored is found; null when there is none.</summary>
public sealed record TokenClock(string Token, Func<ProbeRun, CancellationToken, Task<TimeSpan?>> LongestAsync);
