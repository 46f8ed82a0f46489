using Tenet.Kernel.Http;

namespace Tenet.Assistant;

internal static class ModelProviders
{
    /// <summary>Answers stream for as long as they take; silence is watched by <see cref="GuardedChatClient"/>.</summary>
    public static readonly EgressPolicy Egress = new("models")
    {
        MaxBytes = 16_000_000,
        TotalTime = TimeSpan.FromMinutes(5),
        IdleTime = TimeSpan.FromSeconds(60),
        ConnectionsPerHost = 1024,
    };
}
