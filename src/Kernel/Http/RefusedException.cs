namespace Tenet.Kernel.Http;

/// <summary>A request that is refused for how it was sent, not for what it asks; answered with this status and message.</summary>
internal sealed class RefusedException(int status, string message) : Exception(message)
{
    public int Status => status;

    /// <summary>When to come back, if that helps.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
